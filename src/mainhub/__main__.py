"""``python -m mainhub`` and the command ``mainhub``."""

from mainhub.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
