"""What administrators' pages are told when one of them changed something."""

from __future__ import annotations

import pytest

from mainhub.app.telling import tell_invalidated
from mainhub.clock import SystemClock
from mainhub.events import Bus, Catalogue, Event, Roles


@pytest.mark.parametrize(
    ("what", "name", "data"),
    [
        ("tag", "person:42", {"what": "tag", "name": "person:42"}),
        ("key", "x" * 512, {"what": "key", "name": "x" * 512}),
        ("all", None, {"what": "all"}),
        ("key", " ", {"what": "key"}),
        ("pattern", "\u202e", {"what": "pattern"}),
    ],
)
def test_only_administrators_are_told_what_was_taken_back(
    what: str, name: str | None, data: dict[str, str]
) -> None:
    told: list[Event] = []
    bus = Bus(SystemClock(), Catalogue())
    bus.on("cache:invalidated", told.append)
    tell_invalidated(bus)(what, name)
    (event,) = told
    assert (event.audience, dict(event.data)) == (Roles(frozenset({"Admin"})), data)
