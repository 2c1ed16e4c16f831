"""The promise of whatever reaches an upstream: one request out, one streamed answer back."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

from mainhub.errors import Unavailable

__all__ = ["RequestHead", "Upstream", "UpstreamResponse", "UpstreamSlow", "UpstreamUnreachable"]


class UpstreamUnreachable(Unavailable):
    """The service refused the connection, or broke off before the head of its answer."""


class UpstreamSlow(Unavailable):
    """No connection to the service came about in time."""


@dataclass(frozen=True, slots=True)
class RequestHead:
    """What is sent to *origin* (``scheme://host[:port]``).

    *target* is path and query as they go on the wire, never parsed or rewritten again. *headers*
    are complete but for the framing of the body, which *length* gives (``None``: unknown, chunked).
    """

    method: str
    origin: str
    target: str
    headers: tuple[tuple[bytes, bytes], ...]
    length: int | None


class UpstreamResponse(ABC):
    """The head of a service's answer, and its body as it comes.

    *headers* are raw and in the order received; the body is neither decoded nor decompressed.
    """

    status: int
    headers: tuple[tuple[bytes, bytes], ...]

    @abstractmethod
    def chunks(self) -> AsyncIterator[bytes]:
        """Yield the body's bytes as they arrive, reading no further than they are taken.

        Raises:
            UpstreamUnreachable: the service broke off before the body's end.
        """

    @abstractmethod
    async def aclose(self) -> None:
        """Let go; an answer that was not read to its end takes its connection with it."""


class Upstream(ABC):
    """The way to the services.

    One message in leads to one message out: no redirect is followed, no cookie kept, no header
    added, and nothing sent a second time.
    """

    @abstractmethod
    async def open(
        self, head: RequestHead, body: AsyncIterator[bytes] | None, *, connect_timeout: timedelta
    ) -> UpstreamResponse:
        """Send *head* and *body* and return the answer once its head has arrived.

        The body may still be on its way by then. When *body* raises, the connection is broken
        rather than the body ended, and the call raises.

        Raises:
            UpstreamSlow: no connection within *connect_timeout*.
            UpstreamUnreachable: no answer, for any other reason.
            Invalid: *head* cannot be sent as it is.
        """

    @abstractmethod
    async def start(self) -> None:
        """Make ready; nothing is dialled yet."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close all connections."""
