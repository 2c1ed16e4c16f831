"""The generic cell rate algorithm in whole microseconds: one number for each key.

That number is the theoretical arrival time: when everything that was admitted would have been paid
for at one place every interval (ITU-T I.371, annex A, "virtual scheduling"). A key whose time has
come is as good as new. The same steps stand in Lua in ``redis/limits.py``.
"""

from hashlib import blake2b
from typing import Final

from mainhub.resilience.limit import Admission, Limit

__all__ = ["LONGEST_KEY", "admission", "bounded", "checked_cost", "refusal"]

LONGEST_KEY: Final = 200
_SHOWN: Final = 64
_SECOND: Final = 1_000_000


def checked_cost(cost: int, limit: Limit) -> None:
    """See to it that *cost* could ever be paid.

    Raises:
        ValueError: it is less than one, or more than a whole burst.
    """
    if not 1 <= cost <= limit.at_once:
        raise ValueError(f"cost={cost}: write 1 to {limit.at_once}, the burst of the limit")


def bounded(key: str) -> str:
    """Return what stands for *key*, which may be what a stranger sent, and of any length."""
    if len(key) <= LONGEST_KEY:
        return key
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()
    return f"{key[:_SHOWN]}#{digest}"


def admission(limit: Limit, ahead: int) -> Admission:
    """Return the answer to what is admitted, and after which the arrival time is so far *ahead*."""
    # By position: this is what nearly every call comes to.
    return Admission(
        True,  # noqa: FBT003
        limit,
        (limit.tolerance - ahead) // limit.interval,
        ahead / _SECOND,
        0.0,
    )


def refusal(limit: Limit, cost: int, *, ahead: int, blocked: int) -> Admission:
    """Return the answer to what is refused, while the arrival time is so far *ahead*.

    *blocked* says for how much longer everything is refused; 0: there is no block.
    """
    free = 0 if blocked else max(0, limit.tolerance - ahead)
    wait = ahead + cost * limit.interval - limit.tolerance
    return Admission(
        allowed=False,
        limit=limit,
        remaining=free // limit.interval,
        reset=max(ahead, blocked) / _SECOND,
        retry_after=max(wait, blocked) / _SECOND,
    )
