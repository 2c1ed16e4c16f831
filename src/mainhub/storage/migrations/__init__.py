"""Frozen scripts that make the schema; each runs up and down and imports no room."""

__all__: list[str] = []
