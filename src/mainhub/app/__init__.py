"""The composition root: settings become adapters, adapters become rooms, rooms one application.

For: ``cli``, which composes a hub, opens it and serves it. Not for: behaviour; what is decided here
is only who gets what. This is the one place that picks adapters and looks behind rooms' doors.
"""

from mainhub.app.composition import compose
from mainhub.app.hub import Hub
from mainhub.app.server import serve
from mainhub.app.urls import public_urls

__all__ = ["Hub", "compose", "public_urls", "serve"]
