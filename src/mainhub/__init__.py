"""MainHub: the self-hosted hub of a company's internal web applications."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("mainhub")
