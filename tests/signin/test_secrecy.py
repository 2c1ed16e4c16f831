"""No token reaches the browser, a URL, a log line or, readable, the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.responses import JSONResponse

from signin.browser import OWN_PAGE, Browser, opened
from signin.hostile_provider import CLIENT_SECRET, HONEST, Defect, Issuer, hostile_app
from signin.logout_tokens import logout_token
from signin.served import SECRET_KEY, listener, serving_hub, settings_of
from simulator.served import address, serving

if TYPE_CHECKING:
    from io import StringIO
    from pathlib import Path

    from signin.moving_clock import MovingClock

pytestmark = pytest.mark.anyio


def browser_saw(browser: Browser, hub: str) -> str:
    """Return all that the hub gave to the browser; its own callback address is the provider's."""
    told = []
    for answer in browser.journal:
        if answer.url.startswith(hub):
            address_of, _, rest = answer.everything.partition("\n")
            told.append(rest if "/auth/callback/" in address_of else f"{address_of}\n{rest}")
    return "\n".join(told)


async def journey(hub: str, browser: Browser, issuer: Issuer) -> None:
    """Sign in, use, fail, renew and sign out: everything that handles a token."""
    await browser.follow(await browser.get(f"{hub}/auth/login?return_to=/auth/session"))
    await browser.get(f"{hub}/auth/session")
    for path in ("/", "/hub/v1/frontends", "/hub/v1/openapi.json", "/api/none/v1/x"):
        await browser.get(f"{hub}{path}", OWN_PAGE)
    for path in ("/api/echo/v1/x", "/api/echo/v1/y"):
        # Nobody listens there: a failing service must not make the hub talkative either.
        assert (await browser.get(f"{hub}{path}", OWN_PAGE)).status == 502
    start = await browser.get(f"{hub}/auth/login")
    callback = (await browser.get(start.location)).location
    await browser.get(callback)
    await browser.get(callback)
    await browser.follow(await browser.get(f"{hub}/auth/login?popup=1&tab=the-tab-that-asks"))
    await browser.follow(await browser.get(f"{hub}/auth/stepup?claims=eyJhIjoxfQ&scopes=api://x/y"))
    token = logout_token(issuer, sub="nobody")
    issuer.handed_out.add(token)
    await browser.post(f"{hub}/auth/backchannel/it", {"logout_token": token})
    await browser.post(f"{hub}/auth/backchannel/it", {"logout_token": token})
    issuer.defect = Defect("it", claims=lambda claims: claims | {"nonce": "another"})
    await browser.follow(await browser.get(f"{hub}/auth/login"))
    issuer.defect = Defect("it", answer=lambda answer: answer | {"error": answer["access_token"]})
    await browser.follow(await browser.get(f"{hub}/auth/login"))
    # A provider that repeats in its error what it was sent, and what it would have granted.
    issuer.defect = Defect(
        "it", answer=lambda answer: JSONResponse(_talkative(issuer, answer), 400)
    )
    await browser.follow(await browser.get(f"{hub}/auth/login"))
    issuer.defect = HONEST
    issuer.down = True
    await browser.get(f"{hub}/api/echo/v1/z", OWN_PAGE)
    issuer.down = False
    await browser.post(f"{hub}/auth/logout", headers=OWN_PAGE)
    await browser.get(f"{hub}/auth/signed-out")


def _talkative(issuer: Issuer, answer: dict[str, object]) -> dict[str, object]:
    words = " ".join([str(answer["refresh_token"]), str(answer["id_token"]), *issuer.form.values()])
    return answer | {"error": "invalid_grant", "error_description": words}


async def test_no_token_leaves_the_hub(
    tmp_path: Path, clock: MovingClock, log_lines: StringIO
) -> None:
    provider, own, nobody = listener(), listener(), listener()
    service = address(nobody)
    nobody.close()
    issuer = Issuer(address(provider), "it")
    settings = settings_of(
        own,
        tmp_path,
        identity={"it": issuer.settings()},
        services={"echo": {"upstreams": [service], "roles": ["Employee"], "scopes": ["api://x/y"]}},
    )
    async with (
        serving(hostile_app({"it": issuer}), provider),
        serving_hub(settings, own, clock=clock) as hub,
        opened() as browser,
    ):
        await journey(hub.url, browser, issuer)
        # Somebody is still signed in: the database holds their tokens now.
        await browser.follow(await browser.get(f"{hub.url}/auth/login"))
        await browser.get(f"{hub.url}/api/echo/v1/x", OWN_PAGE)
        stored = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
        told, logged = browser_saw(browser, hub.url), log_lines.getvalue()
        session = browser.cookies(hub.url)["mainhub"]
    secret = issuer.handed_out | {CLIENT_SECRET, SECRET_KEY}
    kinds = {value.partition("-")[0] for value in secret}
    assert {"access", "refresh", "code"} <= kinds
    assert sum(value.startswith("eyJ") for value in secret) >= 4
    assert issuer.asked["token"] >= 5
    assert "signin.done" in logged
    assert len(stored) > 10_000
    for value in secret:
        assert value not in told
        assert value not in logged
        assert value.encode() not in stored
    for value in (session, *browser_states(browser)):
        assert value not in logged
        assert value.encode() not in stored


def browser_states(browser: Browser) -> list[str]:
    """Return the states that went through the browser."""
    return [
        answer.query["state"]
        for answer in browser.journal
        if answer.status in {302, 303} and "state" in answer.query
    ]
