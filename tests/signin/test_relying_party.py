"""States: used once, in ten minutes, by the browser and with the provider that began."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from signin.browser import opened
from signin.hostile_provider import CLIENT_ID, HONEST, Defect
from signin.hostile_world import HostileWorld, hostile_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

JSON = {"Accept": "application/json"}


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[HostileWorld]:
    defects = [HONEST, Defect("other", status=303)]
    async with hostile_world(defects, tmp_path_factory.mktemp("states"), clock=clock) as one:
        yield one


def interrupted(answer: Answer) -> bool:
    return answer.status == 409 and not answer.sets("mainhub")


async def test_a_state_is_good_once(world: HostileWorld, browser: Browser) -> None:
    callback = await world.arrive(browser, "honest")
    flows = browser.cookies(world.hub.url)
    assert (await browser.get(callback)).status == 303
    assert interrupted(await browser.get(callback))
    async with opened() as thief:
        thief.plant(world.hub.url, flows)
        answer = await thief.get(callback, JSON)
        assert interrupted(answer)
        assert answer.problem == "signin-interrupted"
        assert answer.json["login"] == "/auth/login"


async def test_a_state_is_good_once_even_at_the_same_moment(
    world: HostileWorld, browser: Browser
) -> None:
    callback = await world.arrive(browser, "honest")
    answers = await asyncio.gather(*(browser.get(callback) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [303] + [409] * 7


async def test_a_refused_answer_uses_its_state_up(world: HostileWorld, browser: Browser) -> None:
    callback = await world.arrive(browser, "honest")
    without_code = callback.replace("code=", "other=")
    assert (await browser.get(without_code)).status == 403
    assert interrupted(await browser.get(callback))


@pytest.mark.parametrize(("minutes", "status"), [(9, 303), (11, 409)])
async def test_a_state_is_good_for_ten_minutes(
    world: HostileWorld, browser: Browser, clock: MovingClock, minutes: int, status: int
) -> None:
    callback = await world.arrive(browser, "honest")
    clock.move(timedelta(minutes=minutes))
    assert (await browser.get(callback)).status == status


async def test_another_browser_gets_nothing_and_ends_nothing(
    world: HostileWorld, browser: Browser
) -> None:
    callback = await world.arrive(browser, "honest")
    async with opened() as other:
        assert interrupted(await other.get(callback))
        await world.begin(other, "honest")
        assert interrupted(await other.get(callback))
        (name,) = browser.cookies(world.hub.url)
        other.plant(world.hub.url, {name: "x" * 43})
        assert interrupted(await other.get(callback))
    assert (await browser.get(callback)).status == 303


async def test_a_planted_sign_in_signs_nobody_in_as_the_attacker(
    world: HostileWorld, browser: Browser
) -> None:
    async with opened() as attacker:
        callback = await world.arrive(attacker, "honest")
    answer = await browser.get(callback)
    assert interrupted(answer)
    assert browser.cookies(world.hub.url) == {}


async def test_a_flow_cookie_opens_only_its_own_state(
    world: HostileWorld, browser: Browser
) -> None:
    first = await world.arrive(browser, "honest")
    ((first_name, _),) = browser.cookies(world.hub.url).items()
    async with opened() as other:
        await world.arrive(other, "honest")
        ((_, second_value),) = other.cookies(world.hub.url).items()
        other.plant(world.hub.url, {first_name: second_value})
        assert interrupted(await other.get(first))


async def test_another_providers_callback_is_refused(world: HostileWorld, browser: Browser) -> None:
    callback = await world.arrive(browser, "honest")
    honest, other = (world.issuers[name] for name in ("honest", "other"))
    asked = other.asked["token"]
    answer = await browser.get(callback.replace(f"/{honest.name}?", f"/{other.name}?"))
    assert answer.status == 403
    assert not answer.sets("mainhub")
    # The code of one provider never travels to the other (mix-up, RFC 9700, section 4.4).
    assert other.asked["token"] == asked


async def test_an_unknown_provider_is_not_found(world: HostileWorld, browser: Browser) -> None:
    for path in ("/auth/login?idp=nobody", "/auth/callback/nobody?state=x&code=y"):
        answer = await browser.get(f"{world.hub.url}{path}", JSON)
        assert answer.status == 404
        assert answer.problem == "not-found"


async def test_the_code_of_another_sign_in_is_refused(
    world: HostileWorld, browser: Browser
) -> None:
    async with opened() as attacker:
        stolen = (await world.arrive(attacker, "honest")).partition("code=")[2].partition("&")[0]
    callback = await world.arrive(browser, "honest")
    own = callback.partition("code=")[2].partition("&")[0]
    answer = await browser.get(callback.replace(own, stolen))
    # PKCE and nonce: the provider itself refuses the verifier of another sign-in.
    assert answer.status == 403
    assert world.issuers["honest"].refused[-1] == "invalid_grant"


async def test_hostile_words_are_escaped_and_cut(world: HostileWorld, browser: Browser) -> None:
    callback = await world.arrive(browser, "honest")
    state = callback.partition("state=")[2].partition("&")[0]
    words = "<script>alert(1)</script>%0d%0aSet-Cookie:%20mainhub=x" + "%20long" * 200
    url = f"{callback.partition('?')[0]}?error=access_denied&error_description={words}"
    answer = await browser.get(f"{url}&state={state}")
    assert answer.status == 403
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
    assert "<script>alert" not in answer.text
    assert "Set-Cookie" not in answer.text
    assert answer.text.count("long") < 60
    assert "The provider did not sign you in" in answer.text


async def test_the_same_words_reach_a_program_as_json(
    world: HostileWorld, browser: Browser
) -> None:
    callback = await world.arrive(browser, "honest")
    state = callback.partition("state=")[2].partition("&")[0]
    url = f"{callback.partition('?')[0]}?error=access_denied&state={state}"
    answer = await browser.get(url, JSON)
    assert answer.status == 403
    assert answer.problem == "signin-refused"
    assert answer.json["detail"] == f"{world.issuers['honest'].name}: access_denied"


@pytest.mark.parametrize("query", ["", "?", "?state", "?state=&code=", "?%00=%00", "?state=%FF"])
async def test_a_callback_out_of_nowhere_is_refused(
    world: HostileWorld, browser: Browser, query: str
) -> None:
    name = world.issuers["honest"].name
    assert interrupted(await browser.get(f"{world.hub.url}/auth/callback/{name}{query}"))


async def test_a_callback_by_form_is_refused(world: HostileWorld, browser: Browser) -> None:
    callback = await world.arrive(browser, "honest")
    assert (await browser.post(callback, {"code": "x", "state": "y"})).status == 405
    assert (await browser.get(callback)).status == 303


async def test_the_client_secret_never_travels_through_the_browser(
    world: HostileWorld, browser: Browser
) -> None:
    start = await world.begin(browser, "honest")
    assert start.query["client_id"] == CLIENT_ID
    assert not {"client_secret", "code_verifier"} & start.query.keys()
