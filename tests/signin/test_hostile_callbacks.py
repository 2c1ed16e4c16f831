"""What attackers do with an honest provider's answers: steal, swap, repeat, mix and send late."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest

from signin.browser import HTML, opened
from signin.hostile_provider import CLIENT_ID, Defect, Keys, signed
from signin.hostile_world import HostileWorld, hostile_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from signin.browser import Answer, Browser
    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio

ISSUERS = [
    Defect("one", status=303),
    Defect("two", status=303),
    Defect("names-itself", status=303, names_itself=True),
    Defect("checks-no-verifier", status=303, pkce=False),
]
TOO_LATE = timedelta(minutes=10, seconds=1)


@pytest.fixture(scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[HostileWorld]:
    async with hostile_world(ISSUERS, tmp_path_factory.mktemp("stolen"), clock=clock) as one:
        yield one


def at(world: HostileWorld, name: str, query: dict[str, str]) -> str:
    return f"{world.hub.url}/auth/callback/{world.issuers[name].name}?{urlencode(query)}"


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query))


async def nobody(world: HostileWorld, browser: Browser, answer: Answer) -> None:
    assert answer.status >= 400, answer.everything
    assert not answer.sets("mainhub")
    assert (await browser.get(f"{world.hub.url}/auth/session")).status == 401


async def somebody(world: HostileWorld, browser: Browser, answer: Answer) -> None:
    assert answer.status == 303, answer.text
    assert (await browser.get(f"{world.hub.url}/auth/session")).status == 200


async def test_a_stolen_answer_is_worth_nothing_and_ends_nothing(
    world: HostileWorld, browser: Browser
) -> None:
    url = await world.arrive(browser, "one")
    async with opened() as thief:
        await nobody(world, thief, await thief.get(url))
    async with opened() as thief:
        # Nor with a sign-in of the thief's own under way.
        await world.begin(thief, "one")
        await nobody(world, thief, await thief.get(url))
    await somebody(world, browser, await browser.get(url))


async def test_nobody_is_signed_in_as_the_attacker(world: HostileWorld, browser: Browser) -> None:
    async with opened() as attacker:
        url = await world.arrive(attacker, "one")
    await nobody(world, browser, await browser.get(url))


async def test_an_answer_is_used_once(world: HostileWorld, browser: Browser) -> None:
    url = await world.arrive(browser, "one")
    asked = world.issuers["one"].asked["token"]
    first, second = await browser.get(url), await browser.get(url)
    assert (first.status, second.status) == (303, 409)
    assert world.issuers["one"].asked["token"] == asked + 1


async def test_of_many_at_once_one_is_taken(world: HostileWorld, browser: Browser) -> None:
    url = await world.arrive(browser, "one")
    asked = world.issuers["one"].asked["token"]
    answers = await asyncio.gather(*(browser.get(url) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [303, *[409] * 9]
    assert world.issuers["one"].asked["token"] == asked + 1


@pytest.mark.parametrize("name", ["one", "checks-no-verifier"])
async def test_a_stolen_code_is_good_in_no_other_sign_in(
    world: HostileWorld, browser: Browser, name: str
) -> None:
    async with opened() as victim:
        stolen = query_of(await world.arrive(victim, name))["code"]
    own = query_of(await world.arrive(browser, name))
    answer = await browser.get(at(world, name, own | {"code": stolen}))
    # A verifier that is not the code's, and where nobody looks at it, a nonce that is not.
    assert answer.status == 403
    await nobody(world, browser, answer)


async def test_a_provider_that_checks_no_verifier_signs_in_all_the_same(
    world: HostileWorld, browser: Browser
) -> None:
    await somebody(world, browser, await world.sign_in(browser, "checks-no-verifier"))


async def test_a_code_is_not_sent_to_another_provider(
    world: HostileWorld, browser: Browser
) -> None:
    url = await world.arrive(browser, "one")
    asked = world.issuers["two"].asked["token"]
    await nobody(world, browser, await browser.get(at(world, "two", query_of(url))))
    assert world.issuers["two"].asked["token"] == asked


async def test_a_provider_cannot_pass_for_another(world: HostileWorld, browser: Browser) -> None:
    """RFC 9207: the person picks the attacker's provider, which sends them on to an honest one."""
    start = await world.begin(browser, "two")
    honest = world.issuers["names-itself"]
    sent_on = f"{honest.url}/authorize?{urlsplit(start.location).query}"
    back = await browser.get(sent_on)
    asked = world.issuers["two"].asked["token"]
    # The honest provider answers to the address that it was given, and names itself.
    await nobody(world, browser, await browser.get(back.location))
    assert world.issuers["two"].asked["token"] == asked


async def test_a_late_answer_signs_nobody_in(
    world: HostileWorld, browser: Browser, clock: MovingClock
) -> None:
    url = await world.arrive(browser, "one")
    clock.move(TOO_LATE)
    answer = await browser.get(url)
    assert answer.status == 409
    await nobody(world, browser, answer)


@pytest.mark.parametrize(
    "pairs",
    [
        {"id_token": "{token}"},
        {"access_token": "guessed", "token_type": "Bearer", "expires_in": "3600"},
        {"id_token": "{token}", "access_token": "guessed"},
        {"response": "{token}"},
        {"session_state": "x", "id_token": "{token}"},
        {"SAMLResponse": "{token}"},
        {"user": '{"name":"ada"}', "id_token": "{token}"},
    ],
    ids="+".join,
)
async def test_a_token_in_the_address_is_no_answer(
    world: HostileWorld, browser: Browser, pairs: dict[str, str]
) -> None:
    start = await world.begin(browser, "one")
    asked = query_of(start.location)
    issuer = world.issuers["one"]
    claims = {"iss": issuer.url, "aud": CLIENT_ID, "sub": "ada", "nonce": asked["nonce"]}
    token = signed({"alg": "RS256", "kid": "one"}, claims | {"iat": 1, "exp": 9e9}, Keys.made().rsa)
    told = {name: value.replace("{token}", token) for name, value in pairs.items()}
    answer = await browser.get(at(world, "one", {"state": asked["state"], **told}))
    assert answer.status == 403
    await nobody(world, browser, answer)
    assert not [line for line in answer.set_cookies if token in line]
    assert token not in answer.text


@pytest.mark.parametrize("method", ["post", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_another_method_neither_signs_in_nor_spoils_the_answer(
    world: HostileWorld, browser: Browser, method: str
) -> None:
    url = await world.arrive(browser, "one")
    if method == "post":
        # response_mode=form_post, which was not asked for.
        answer = await browser.post(url.partition("?")[0], query_of(url))
    else:
        answer = await browser._ask(method, url, HTML, None)
    assert not answer.sets("mainhub")
    assert (await browser.get(f"{world.hub.url}/auth/session")).status == 401
    await somebody(world, browser, await browser.get(url))


@pytest.mark.parametrize(
    "change",
    [
        lambda state: state.swapcase(),
        lambda state: state + "=",
        lambda state: state + " ",
        lambda state: " " + state,
        lambda state: state + "\x00",
        lambda state: state[:-1],
        lambda state: state * 2,
        lambda state: f"{state}&{state}",
        lambda _: "../../x",
        lambda _: "x' OR '1'='1",
        lambda _: "\u202e",
        lambda _: "x" * 5_000,
    ],
    ids=range(12),
)
async def test_a_state_counts_letter_for_letter(
    world: HostileWorld, browser: Browser, change: Callable[[str], str]
) -> None:
    url = await world.arrive(browser, "one")
    query = query_of(url)
    changed = query | {"state": change(query["state"])}
    answer = await browser.get(at(world, "one", changed))
    assert answer.status == 409
    await nobody(world, browser, answer)
    await somebody(world, browser, await browser.get(url))


async def test_an_address_that_never_ends_is_no_answer(
    world: HostileWorld, browser: Browser
) -> None:
    url = await world.arrive(browser, "one")
    for name in ("code", "state", "error_description", "x"):
        answer = await browser.get(f"{url}&{name}={'x' * 60_000}")
        assert 400 <= answer.status < 500
        assert not answer.sets("mainhub")


async def test_nothing_of_the_address_becomes_part_of_the_page_or_its_headers(
    world: HostileWorld, browser: Browser
) -> None:
    evil = "<script>alert(1)</script>\r\nSet-Cookie: mainhub=x"
    start = await world.begin(browser, "one")
    state = query_of(start.location)["state"]
    for name in ("error", "error_description", "error_uri", "code", "iss", "session_state"):
        query = {"state": state, "error": "access_denied"} | {name: evil}
        answer = await browser.get(at(world, "one", query))
        assert "<script>alert" not in answer.text
        assert not answer.sets("mainhub")
        start = await world.begin(browser, "one")
        state = query_of(start.location)["state"]
    answer = await browser.get(f"{world.hub.url}/auth/callback/{quote(evil, safe='')}?state=x")
    assert "<script>alert" not in answer.text
    assert not answer.sets("mainhub")


@pytest.mark.parametrize("name", ["mainhub", "mainhub-flow-x", "mainhub-provider"])
async def test_a_planted_cookie_signs_nobody_in(
    world: HostileWorld, browser: Browser, name: str
) -> None:
    async with opened() as attacker:
        url = await world.arrive(attacker, "one")
    state = query_of(url)["state"]
    browser.plant(world.hub.url, {name: state})
    await nobody(world, browser, await browser.get(url))


async def test_many_planted_cookies_do_not_keep_anybody_out(
    world: HostileWorld, browser: Browser
) -> None:
    browser.plant(world.hub.url, {f"mainhub-flow-0000000{n:x}planted": "x" * 43 for n in range(16)})
    await somebody(world, browser, await world.sign_in(browser, "one"))
