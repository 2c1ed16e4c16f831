"""Limits by any key: a person, an address, a route."""

from mainhub.resilience.failures import RateLimited
from mainhub.resilience.limit import Admission, Limit
from mainhub.resilience.memory import MemoryLimits
from mainhub.resilience.port import LimitStore

__all__ = ["RateLimiter", "limit_headers"]


class RateLimiter:
    """Applies one limit to many keys.

    ::

        limiter = RateLimiter(Limit(20, timedelta(seconds=10)))
        admission = await limiter.check(f"export:{person.id}")
        await limiter.require(f"export:{person.id}")    # raises RateLimited

    Args:
        limit: the limit; 100 in 60 seconds unless said otherwise.
        store: who keeps count; this process by itself unless said otherwise.

    Attributes:
        limit: the limit.
        check: asks for *cost* of it for a *key*, and returns an :class:`Admission`; what the store
            promises of ``take`` holds.
    """

    __slots__ = ("_store", "limit")

    def __init__(self, limit: Limit | None = None, store: LimitStore | None = None) -> None:
        if limit is not None and not isinstance(limit, Limit):
            raise TypeError(f"limit={limit!r}: write Limit({limit!r}), or Limit() for 100 a minute")
        self.limit = Limit() if limit is None else limit
        self._store = MemoryLimits() if store is None else store

    async def check(self, key: str, cost: int = 1) -> Admission:
        """Ask for *cost* for *key*; a refusal takes nothing.

        Raises:
            ValueError: *cost* is less than one, or more than a whole burst.
        """
        return await self._store.take(key, self.limit, cost)

    async def require(self, key: str, cost: int = 1) -> Admission:
        """Ask for *cost* for *key*.

        Raises:
            RateLimited: it is refused.
        """
        admission = await self.check(key, cost)
        if not admission.allowed:
            raise RateLimited(
                f"that is more than {self.limit.limit} in {self.limit.period.total_seconds():g} s",
                name=self.limit.name,
                retry_after=admission.retry_after,
                remedy="Ask less often, and again after the time that Retry-After tells.",
                admission=admission,
            )
        return admission


def limit_headers(admission: Admission) -> list[tuple[str, str]]:
    """Return the headers that tell a client where it stands.

    ``RateLimit`` and ``RateLimit-Policy`` as in draft-ietf-httpapi-ratelimit-headers-10, and
    ``Retry-After`` (RFC 9110, 10.2.3) with a refusal; all times in whole seconds, rounded up.
    """
    limit = admission.limit
    window = _whole(limit.period.total_seconds())
    headers = [
        ("RateLimit-Policy", f'"{limit.name}";q={limit.limit};w={window}'),
        ("RateLimit", f'"{limit.name}";r={admission.remaining};t={_whole(admission.reset)}'),
    ]
    if not admission.allowed:
        headers.append(("Retry-After", str(max(1, _whole(admission.retry_after)))))
    return headers


def _whole(seconds: float) -> int:
    return -int(-seconds // 1)
