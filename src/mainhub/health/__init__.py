"""Is this process alive, and may it be sent requests?

For: orchestrators and load balancers, who ask ``/livez`` and ``/readyz``. Not for: whether what is
behind the hub works: a hub that is degraded still serves, so no outage behind it makes it unready.
"""

from mainhub.health.readiness import Phase, Readiness

__all__ = ["Phase", "Readiness"]
