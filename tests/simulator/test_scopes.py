from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.simulator.errors import EntraError
from mainhub.simulator.scopes import GRAPH_SCOPES, IDENTITY_SCOPES, parse_scopes

URI = "api://c0ffee00-2222-4333-8444-555555555555"
OWN = f"{URI}/access_as_user"
KNOWN = sorted(IDENTITY_SCOPES | GRAPH_SCOPES | {OWN})


@given(st.lists(st.sampled_from(KNOWN), min_size=1), st.randoms(use_true_random=False))
def test_order_repetition_and_extra_spaces_do_not_matter(names: list[str], chance: object) -> None:
    shuffled = sorted(names, key=lambda _: chance.random())  # type: ignore[attr-defined] # Random
    one = parse_scopes(" ".join(names), application_id_uri=URI)
    assert one == parse_scopes("  ".join([*shuffled, *names, ""]), application_id_uri=URI)
    assert one.identity | one.graph == set(names) - {OWN}
    assert one.mixed == (bool(one.graph) and OWN in names)


@given(st.text() | st.lists(st.sampled_from(KNOWN) | st.text("a:/ ")).map(" ".join))
def test_any_text_is_either_sorted_or_refused(text: str) -> None:
    names = set(text.split(" ")) - {""}
    if names and names <= set(KNOWN):
        found = parse_scopes(text, application_id_uri=URI)
        assert found.identity | found.graph | found.api
    else:
        with pytest.raises(EntraError, match="AADSTS"):
            parse_scopes(text, application_id_uri=URI)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 900144),
        ("   ", 900144),
        ("openid User.Write", 70011),
        ("openid\tprofile", 70011),
        (f"{URI}/other", 70011),
        ("api://another/access_as_user", 500011),
        ("https://graph.microsoft.com/Mail.Read", 70011),
    ],
)
def test_refuses_what_the_tenant_does_not_know(text: str, number: int) -> None:
    with pytest.raises(EntraError) as refusal:
        parse_scopes(text, application_id_uri=URI)
    assert refusal.value.number == number


def test_graph_scopes_may_carry_the_name_of_graph() -> None:
    short = parse_scopes("User.Read", application_id_uri=URI)
    assert parse_scopes("https://graph.microsoft.com/User.Read", application_id_uri=URI) == short
