"""Switches and deeds, by a program."""

from __future__ import annotations

from datetime import timedelta
from shutil import copy
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.errors import InvalidKeyIdError

from mainhub.simulator import Switch, Target
from mainhub.simulator.conduct import CHOICES
from mainhub.simulator.faults.switch_texts import DEEDS, SWITCH_WORDS, SWITCHES
from simulator.broken_world import HEADERS, BrokenWorld, broken_world
from simulator.visitor import API, LINUS, Visitor, new_browser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture
async def visitor(world: BrokenWorld) -> AsyncIterator[Visitor]:
    async with new_browser() as browser:
        yield Visitor(world.urls[Target.ENTRA], browser)


@pytest.fixture
async def world(tmp_path: Path, signing_key: Path) -> AsyncIterator[BrokenWorld]:
    copy(signing_key, tmp_path)
    async with broken_world(tmp_path) as found:
        yield found


async def sent(
    world: BrokenWorld, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, Any]:
    async with world.browser.request(
        method, world.desk + path, json=body, headers=HEADERS | headers, allow_redirects=False
    ) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_everything_is_normal_until_somebody_switches_it(world: BrokenWorld) -> None:
    _, told = await sent(world, "GET", "/switches")
    assert {one["switch"]: one["value"] for one in told["items"]} == {
        switch.value: CHOICES[switch][0] for switch in Switch
    }


async def test_a_switch_is_set_for_a_person_and_a_number_of_times(world: BrokenWorld) -> None:
    told = await world.switch("token-refusal", "revoked", account="linus", times=2)
    assert (told["value"], told["account"], told["times"]) == ("revoked", LINUS.oid, 2)
    conduct = world.deeds.conduct
    assert conduct.use(Switch.REFUSAL, oid="somebody else") == "none"
    used = [conduct.use(Switch.REFUSAL, oid=LINUS.oid) for _ in range(3)]
    assert used == ["revoked", "revoked", "none"]


async def test_all_goes_back_to_normal(world: BrokenWorld) -> None:
    await world.switch("graph", "throttled")
    await world.switch("sign-in", "mfa")
    _, told = await sent(world, "DELETE", "/switches/graph")
    assert told["value"] == "right"
    _, told = await sent(world, "DELETE", "/switches")
    assert all(one["value"] == one["choices"][0] for one in told["items"])


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/switches/nothing", {"value": "x"}, "wrong-setting"),
        ("/switches/graph", {"value": "x"}, "wrong-setting"),
        ("/switches/graph", {}, "wrong-setting"),
        ("/switches/graph", [], "wrong-setting"),
        ("/switches/graph", {"value": "right", "other": 1}, "wrong-setting"),
        ("/switches/graph", {"value": "right", "times": 0}, "wrong-setting"),
        ("/switches/graph", {"value": "right", "times": "many"}, "wrong-setting"),
        ("/switches/graph", {"value": "right", "times": []}, "wrong-setting"),
        ("/switches/graph", {"value": [], "account": {}}, "wrong-setting"),
        ("/switches/graph", {"value": "right", "account": "nobody"}, "wrong-setting"),
        ("/switches/orders-claims", {"value": "all", "times": 1}, "wrong-setting"),
        (
            "/switches/sign-in",
            {"value": "redirect-mismatch", "account": "linus"},
            "wrong-setting",
        ),
    ],
)
async def test_what_is_wrong_gets_a_problem_with_the_remedy(
    world: BrokenWorld, path: str, body: object, name: str
) -> None:
    status, told = await sent(world, "PUT", path, body)
    assert (status, told["type"]) == (400, f"urn:simulator:problem:{name}")
    assert told["remedy"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/switches/graph"), ("DELETE", "/switches"), ("POST", "/deeds/rotate-keys")],
)
async def test_a_foreign_page_changes_nothing(world: BrokenWorld, method: str, path: str) -> None:
    body = {"value": "throttled"}
    status, told = await sent(world, method, path, body, Origin="https://evil.example")
    assert (status, told["type"]) == (403, "urn:simulator:problem:foreign-page")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/switches/graph", {"value": "throttled"}),
        ("DELETE", "/switches", None),
        ("POST", "/deeds/revoke", {"account": "linus"}),
    ],
)
async def test_a_folder_that_cannot_be_written_is_told(
    world: BrokenWorld, tmp_path: Path, method: str, path: str, body: object
) -> None:
    (tmp_path / "conduct.new").mkdir()
    status, told = await sent(world, method, path, body)
    assert (status, told["type"]) == (503, "urn:simulator:problem:not-kept")


async def test_there_are_no_other_deeds(world: BrokenWorld) -> None:
    status, told = await sent(world, "POST", "/deeds/dance", {})
    assert (status, told["type"]) == (404, "urn:simulator:problem:unknown-deed")
    assert "rotate-keys" in told["remedy"]


async def test_keys_rotate_in_flight(world: BrokenWorld, visitor: Visitor) -> None:
    first = await visitor.access_token(LINUS)
    status, told = await sent(world, "POST", "/deeds/rotate-keys", {})
    assert (status, told["deed"]) == (200, "rotate-keys")
    second = await visitor.access_token(LINUS)
    assert (await visitor.claims(first))["oid"] == (await visitor.claims(second))["oid"]
    await sent(world, "POST", "/deeds/forget-old-keys", {})
    await visitor.claims(second)
    with pytest.raises(InvalidKeyIdError):
        await visitor.claims(first)
    await sent(world, "POST", "/deeds/replace-keys", {})
    with pytest.raises(InvalidKeyIdError):
        await visitor.claims(second)


async def test_an_old_key_is_forgotten_after_a_while(world: BrokenWorld, visitor: Visitor) -> None:
    first = await visitor.access_token(LINUS)
    await sent(world, "POST", "/deeds/rotate-keys", {"after": 60})
    await visitor.claims(first)
    world.clock.move(timedelta(seconds=60))
    with pytest.raises(InvalidKeyIdError):
        await visitor.claims(first)
    status, _ = await sent(world, "POST", "/deeds/rotate-keys", {"after": "soon"})
    assert status == 400


async def test_a_person_is_revoked(world: BrokenWorld, visitor: Visitor) -> None:
    tokens = await visitor.tokens(LINUS)
    status, told = await sent(world, "POST", "/deeds/revoke", {"account": "linus"})
    assert status == 200
    assert told["since"] == world.deeds.conduct.revoked_since(LINUS.oid)
    _, refused = await visitor.refresh(tokens["refresh_token"], scope=API)
    assert refused["error_codes"] == [50173]


async def test_the_page_has_every_switch_and_says_what_comes_of_it(world: BrokenWorld) -> None:
    await world.switch("token-refusal", "mfa", account="linus", times=1)
    english = await page(world, "en")
    for text in ("Second factor · only Linus Pauling · once more", "AADSTS50076", "New key only"):
        assert text in english
    french = await page(world, "fr")
    assert "Second facteur · seulement Linus Pauling · encore une fois" in french
    for switch, choices in CHOICES.items():
        assert f'action="/_sim/switches/{switch}?ui_locales=en"' in english
        assert all(f'name="value" value="{choice}"' in english for choice in choices)


async def test_forms_of_the_page_do_what_programs_do(world: BrokenWorld) -> None:
    conduct = world.deeds.conduct
    status, where, _ = await submitted(world, "/switches/graph", value="throttled", times="3")
    assert (status, where) == (303, "/_sim?ui_locales=en#graph")
    assert (conduct.of(Switch.GRAPH).value, conduct.of(Switch.GRAPH).times) == ("throttled", 3)
    status, _, text = await submitted(world, "/switches/graph", value="throttled", times="0")
    assert status == 400
    assert 'role="alert"' in text
    assert (await submitted(world, "/switches"))[0] == 303
    assert conduct.of(Switch.GRAPH).value == "right"
    before = world.deeds.kids
    assert (await submitted(world, "/deeds/rotate-keys", account=LINUS.oid))[0] == 303
    assert world.deeds.kids[1:] == before
    assert "the old one is still published" in await page(world, "en")
    await submitted(world, "/deeds/sign-out", account=LINUS.oid)
    assert "Linus Pauling. Their sessions" in await page(world, "en")


def test_both_languages_say_everything_of_switches() -> None:
    assert set(SWITCH_WORDS["fr"]) == set(SWITCH_WORDS["en"])
    assert set(DEEDS["fr"]) == set(DEEDS["en"])
    for locale in ("fr", "en"):
        assert {
            switch: tuple(words.choices) for switch, words in SWITCHES[locale].items()
        } == CHOICES


async def page(world: BrokenWorld, locale: str) -> str:
    async with world.browser.get(f"{world.desk}?ui_locales={locale}") as answer:
        assert answer.status == 200
        return await answer.text()


async def submitted(world: BrokenWorld, path: str, **form: str) -> tuple[int, str, str]:
    origin = {"Origin": world.urls[Target.ENTRA]}
    url = f"{world.desk}{path}?ui_locales=en"
    async with world.browser.post(
        url, data=form or {"all": "1"}, headers=origin, allow_redirects=False
    ) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()
