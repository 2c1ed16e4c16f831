from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.telemetry import Trace, current_trace, request_trace

CALLER = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
FORM = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]")


@pytest.mark.parametrize(("flags", "sampled"), [("00", False), ("01", True), ("ff", True)])
def test_goes_on_with_the_callers_trace_under_a_span_of_its_own(flags: str, sampled: bool) -> None:  # noqa: FBT001 - a table
    trace = Trace.begin(f"00-{CALLER}-{PARENT}-{flags}")
    assert (trace.trace_id, trace.sampled) == (CALLER, sampled)
    assert trace.span_id != PARENT
    assert trace.traceparent == f"00-{CALLER}-{trace.span_id}-{'01' if sampled else '00'}"


def test_begins_a_new_one_where_there_is_none() -> None:
    one, two = Trace.begin(), Trace.begin()
    assert one.trace_id != two.trace_id
    assert one.request_id != two.request_id
    assert one.sampled


pieces = st.sampled_from(["00", "-", CALLER, PARENT, "01", "0" * 32, "0" * 16, "ff", "\n", " "])


@given(st.none() | st.text() | st.lists(pieces, max_size=9).map("".join))
def test_any_text_gives_valid_ids(given_text: str | None) -> None:
    assert FORM.fullmatch(Trace.begin(given_text).traceparent)


@given(
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True), st.from_regex(r"[0-9a-f]{16}", fullmatch=True)
)
def test_a_well_formed_trace_always_goes_on(trace_id: str, parent: str) -> None:
    valid = set(trace_id) != {"0"} and set(parent) != {"0"}
    assert (Trace.begin(f"00-{trace_id}-{parent}-01").trace_id == trace_id) is valid


def test_the_trace_is_known_inside_and_only_there() -> None:
    with request_trace(f"00-{CALLER}-{PARENT}-01") as trace:
        assert current_trace() is trace
        with request_trace(None) as inner:
            assert current_trace() is inner
        assert current_trace() is trace
    assert current_trace().trace_id != CALLER


@pytest.mark.anyio
async def test_requests_at_once_keep_their_own() -> None:
    inside = asyncio.Barrier(5)

    async def one() -> bool:
        with request_trace(None) as trace:
            await inside.wait()
            return current_trace() is trace

    assert all(await asyncio.gather(*(one() for _ in range(5))))
