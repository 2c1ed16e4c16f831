"""Who is given what, for administrators: seen, given, taken back and explained."""

from mainhub.control.access.matters import Matter, Matters

__all__ = ["Matter", "Matters"]
