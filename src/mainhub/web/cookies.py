"""The hub's cookies: their names, and how they are written and read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

__all__ = ["CookieJar", "read_cookies"]


@dataclass(frozen=True, slots=True)
class CookieJar:
    """Names and writes cookies for a hub at *secure* (https) or plain http on loopback.

    Over https names carry ``__Host-``, which browsers accept only with Secure, without Domain and
    with Path=/ (RFC 6265bis, section 4.1.3), so that a sibling host cannot plant one.
    """

    secure: bool

    @property
    def session(self) -> str:
        """The name of the session cookie."""
        return self._name("mainhub")

    def flow(self, flow_id: str) -> str:
        """The name of the cookie that binds the sign-in *flow_id* to this browser."""
        return f"{self.flow_prefix}{flow_id}"

    @property
    def flow_prefix(self) -> str:
        """What the names of all sign-in cookies begin with."""
        return self._name("mainhub-flow-")

    @property
    def signed_out(self) -> str:
        """The name of the cookie that remembers for a while where this browser signed out."""
        return self._name("mainhub-signed-out")

    @property
    def last_provider(self) -> str:
        """The name of the cookie that remembers with which provider this browser signed in."""
        return self._name("mainhub-provider")

    def written(self, name: str, value: str, *, max_age: timedelta | None = None) -> str:
        """Return a ``Set-Cookie`` value: HttpOnly, SameSite=Lax, for this host and all paths.

        Lax, since the return from an identity provider is a cross-site navigation, on which a
        Strict cookie is not sent.
        """
        parts = [f"{name}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
        if max_age is not None:
            parts.append(f"Max-Age={int(max_age.total_seconds())}")
        if self.secure:
            parts.append("Secure")
        return "; ".join(parts)

    def deleted(self, name: str) -> str:
        """Return the ``Set-Cookie`` value that removes *name*."""
        return self.written(name, "", max_age=timedelta(0))

    def _name(self, name: str) -> str:
        return f"__Host-{name}" if self.secure else name


def read_cookies(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the cookies of a request; of two with one name, the first."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name != b"cookie":
            continue
        for pair in value.decode("latin-1").split(";"):
            key, separator, text = pair.strip().partition("=")
            if separator:
                found.setdefault(key, text)
    return found
