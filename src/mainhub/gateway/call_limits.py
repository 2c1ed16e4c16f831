"""How often one person may call services: all of them together, and each by itself."""

from collections.abc import Mapping

from mainhub.resilience import Admission, RateLimiter

__all__ = ["CallLimits"]


class CallLimits:
    """Asks both limits; the stricter word counts.

    Args:
        of_all: of one person's calls to all services.
        of_one: of one person's calls to the service of that name.
    """

    def __init__(self, of_all: RateLimiter, of_one: Mapping[str, RateLimiter]) -> None:
        self._of_all = of_all
        self._of_one = dict(of_one)

    async def check(self, person: str, service: str) -> Admission:
        """Ask for one call of *person*, by id, to *service*."""
        own = self._of_one.get(service)
        if own is None:
            return await self._of_all.check(f"calls:{person}")
        # The service's own first: what it refuses does not count against the rest.
        admission = await own.check(f"calls:{service}:{person}")
        if not admission.allowed:
            return admission
        overall = await self._of_all.check(f"calls:{person}")
        return overall if overall.remaining < admission.remaining else admission
