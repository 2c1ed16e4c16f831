"""The hub's own calls to other systems: one client, with limits on time and size.

For: whatever the hub asks by itself (identity providers today). Not for: the gateway's relay, which
has its own way to upstreams.

Invariants: no redirect is followed, no cookie kept, no body larger than allowed is read, and every
call has an end; the traceparent goes along.
"""

from mainhub.outbound.client import Answer, CallFailed, HttpClient
from mainhub.outbound.read_once import read_once

__all__ = ["Answer", "CallFailed", "HttpClient", "read_once"]
