"""The addresses of signing in and out: ``/auth/...``, all public, each file one subject."""

from mainhub.signin.routes.auth_routes import AuthRoutes
from mainhub.signin.routes.current import CurrentSession, CurrentUser
from mainhub.signin.routes.way_out import SignOut

__all__ = ["AuthRoutes", "CurrentSession", "CurrentUser", "SignOut"]
