"""What administrators do with the registry over HTTP: see all front-ends, open and close them."""

__all__: list[str] = []
