"""The generic cell rate algorithm in whole microseconds: one number for each key.

That number is the theoretical arrival time: when everything that was admitted would have been paid
for at one place every interval (ITU-T I.371, annex A, "virtual scheduling"). A key whose time has
come is as good as new. The same steps stand in Lua in ``redis/limits.py``.
"""

from mainhub.resilience.limit import Admission, Limit

__all__ = ["admission", "checked_cost"]

_SECOND = 1_000_000


def checked_cost(cost: int, limit: Limit) -> None:
    """See to it that *cost* could ever be paid.

    Raises:
        ValueError: it is less than one, or more than a whole burst.
    """
    if not 1 <= cost <= limit.at_once:
        raise ValueError(f"cost={cost}: write 1 to {limit.at_once}, the burst of the limit")


def admission(limit: Limit, *, allowed: bool, ahead: int, wait: int) -> Admission:
    """Return what to tell when the arrival time is *ahead* of the present, and *wait* is asked."""
    return Admission(
        allowed,
        limit,
        (limit.tolerance - ahead) // limit.interval if ahead < limit.tolerance else 0,
        ahead / _SECOND,
        wait / _SECOND,
    )
