"""Permissions: one function decides, everybody asks it.

For: front-ends, gateway routes and the control API, which ask :func:`decide` with what they need.
Not for: who somebody is (``signin``), nor for hiding things in a page, which is no protection.

Deny by default: a need that names no role is met by nobody, and nobody signed in meets none.
"""

from mainhub.access.decision import Decision, Need, decide, require

__all__ = ["Decision", "Need", "decide", "require"]
