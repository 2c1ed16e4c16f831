"""How MainHub is measured against its peers.

For: benches of rooms; ours and peers take turns within one run, after each has proven that it does
what is compared. Not for: load on a whole hub, nor for tests, which never depend on speed.
"""

from bench.harness.contender import (
    CALLS_PER_CALL,
    MICROSECONDS,
    PER_SECOND,
    Against,
    Comparison,
    Contender,
    Unit,
    Work,
    fixed,
    in_turns,
    refused,
    repeated,
    shared_out,
)
from bench.harness.measuring import FULL, QUICK, Pace, measure
from bench.harness.proof import ProofFailed, Upstream, UpstreamFailed, expect
from bench.harness.redis_server import RedisServer
from bench.harness.result import Row, is_met, rows, write
from bench.harness.room import carry_out

__all__ = [
    "CALLS_PER_CALL",
    "FULL",
    "MICROSECONDS",
    "PER_SECOND",
    "QUICK",
    "Against",
    "Comparison",
    "Contender",
    "Pace",
    "ProofFailed",
    "RedisServer",
    "Row",
    "Unit",
    "Upstream",
    "UpstreamFailed",
    "Work",
    "carry_out",
    "expect",
    "fixed",
    "in_turns",
    "is_met",
    "measure",
    "refused",
    "repeated",
    "rows",
    "shared_out",
    "write",
]
