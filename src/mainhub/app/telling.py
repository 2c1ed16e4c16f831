"""What the hub tells administrators' pages when one of them changed something."""

from collections.abc import Callable

from mainhub.events import BadData, Bus, Roles
from mainhub.identity import ADMIN

__all__ = ["tell_invalidated"]


def tell_invalidated(bus: Bus) -> Callable[[str, str | None], None]:
    """Return what tells that something was taken back from the cache: what, and which one."""
    admins = Roles(frozenset({ADMIN}))

    def tell(what: str, name: str | None) -> None:
        data = {"what": what}
        named = data if name is None else {**data, "name": name}
        try:
            bus.emit("cache:invalidated", named, audience=admins)
        except BadData:
            # A key may consist of what no event shows, such as a space.
            bus.emit("cache:invalidated", data, audience=admins)

    return tell
