from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.simulator.claims_request import (
    MFA,
    ClaimsRequest,
    demanded_context,
    demanded_policy,
    demanded_since,
    read_claims,
)
from mainhub.simulator.errors import EntraError

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_CLAIMS = st.fixed_dictionaries(
    {"access_token": st.dictionaries(st.sampled_from(["acrs", "nbf", "xms_cc", "capolids"]), _JSON)}
)


def test_reads_what_resources_demand() -> None:
    assert read_claims(None) == ClaimsRequest()
    assert read_claims(demanded_context("c1")).contexts == {"c1"}
    assert read_claims(demanded_since(1_700_000_000)).not_before == 1_700_000_000
    assert read_claims(demanded_policy()).contexts == {MFA}
    both = '{"access_token": {"acrs": {"values": ["c1", "c2"]}, "xms_cc": {"values": ["cp1"]}}}'
    assert read_claims(both) == ClaimsRequest(
        contexts=frozenset({"c1", "c2"}), capabilities=frozenset({"cp1"})
    )


@pytest.mark.parametrize("context", ["", "mfa", "c", "c123", "urn:x", "c1\n"])
def test_refuses_contexts_that_nobody_can_satisfy(context: str) -> None:
    with pytest.raises(EntraError, match="authentication context"):
        read_claims(demanded_context(context))


@given(st.text() | _JSON.map(json.dumps) | _CLAIMS.map(json.dumps))
def test_whatever_is_sent_is_read_or_refused(text: str) -> None:
    with suppress(EntraError):
        assert isinstance(read_claims(text), ClaimsRequest)
