from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from mainhub.simulator import TENANT_ID
from simulator.visitor import (
    ADA,
    ALAN,
    CALLBACK,
    GRACE,
    LINUS,
    REGISTRATION,
    VERIFIER,
    Visitor,
    new_browser,
)

if TYPE_CHECKING:
    from simulator.visitor import Answer

pytestmark = pytest.mark.anyio


def cookie(answer: Answer, name: str) -> str | None:
    found = re.match(rf"{name}=([^;]+)", answer.headers.get("Set-Cookie", ""))
    return None if found is None else found[1]


async def test_shows_the_four_accounts_and_goes_back_with_a_code(visitor: Visitor) -> None:
    page = await visitor.authorize()
    assert page.status == 200
    for text in ("ada@", "grace@", "linus@", "alan@", "Admin", "Editor", "Employee"):
        assert text in page.text
    answer = await visitor.pick(page, LINUS)
    assert answer.status == 303
    assert answer.headers["Location"].startswith(f"{CALLBACK}?")
    assert answer.redirect["state"] == "a state"
    assert answer.redirect["iss"] == f"{visitor.root}/v2.0"
    assert set(answer.redirect) == {"code", "state", "session_state", "iss"}


async def test_a_page_runs_no_script_and_lets_its_form_reach_the_application(
    visitor: Visitor,
) -> None:
    page = await visitor.authorize()
    policy = page.headers["Content-Security-Policy"]
    nonce = re.search(r"style-src 'nonce-([^']+)'", policy)
    assert nonce is not None
    assert f'<style nonce="{nonce[1]}">' in page.text
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://localhost:8080;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page.text
    assert " style=" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert nonce[1] not in (await visitor.authorize()).text


@pytest.mark.parametrize(
    "redirect_uri",
    [
        f"{CALLBACK}/",
        f"{CALLBACK}?x=1",
        f"{CALLBACK}#x",
        "http://localhost:8080/auth/callback/ENTRA",
        "http://localhost:8080@evil.example/auth/callback/entra",
        "https://evil.example/",
        "javascript:alert(1)",
        None,
    ],
)
async def test_an_unregistered_redirect_uri_gets_a_page_and_never_a_redirect(
    visitor: Visitor, redirect_uri: str | None
) -> None:
    for prompt in (None, "none"):
        answer = await visitor.authorize(redirect_uri=redirect_uri, prompt=prompt)
        assert answer.status == 400
        assert "Location" not in answer.headers
        assert ("AADSTS900144" if redirect_uri is None else "AADSTS50011") in answer.text


@pytest.mark.parametrize(
    ("changes", "number"),
    [({"client_id": "another"}, 700016), ({"client_id": None}, 900144)],
)
async def test_an_unknown_application_gets_a_page(
    visitor: Visitor, changes: dict[str, str | None], number: int
) -> None:
    answer = await visitor.authorize(**changes)
    assert answer.status == 400
    assert f"AADSTS{number}" in answer.text


async def test_what_was_sent_is_shown_as_text(visitor: Visitor) -> None:
    answer = await visitor.authorize(redirect_uri="<script>alert(1)</script>")
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text


async def test_another_tenant_is_not_found(visitor: Visitor) -> None:
    answer = await visitor.get("/contoso/oauth2/v2.0/authorize")
    assert answer.status == 400
    assert "AADSTS90002" in answer.text


async def test_a_parameter_given_twice_gets_a_page(visitor: Visitor) -> None:
    answer = await visitor.get(
        f"/{TENANT_ID}/oauth2/v2.0/authorize?client_id=a&client_id=b",
    )
    assert answer.status == 400
    assert "client_id" in answer.text


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": None}, "invalid_request"),
        ({"scope": "openid Unknown.Scope"}, "invalid_scope"),
        ({"prompt": "sometimes"}, "invalid_request"),
        ({"request": "e30."}, "request_not_supported"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_the_application_hears_what_is_wrong_with_its_request(
    visitor: Visitor, changes: dict[str, str | None], error: str
) -> None:
    answer = await visitor.authorize(**changes)
    assert answer.status == 302
    assert answer.redirect["error"] == error
    assert answer.redirect["error_description"].startswith("AADSTS")
    assert answer.redirect["state"] == "a state"
    assert answer.redirect["iss"] == f"{visitor.root}/v2.0"
    assert "code" not in answer.redirect


async def test_one_signed_in_account_is_taken_without_a_word(visitor: Visitor) -> None:
    first = await visitor.pick(await visitor.authorize(), LINUS)
    for prompt in (None, "none"):
        silent = await visitor.authorize(prompt=prompt)
        assert silent.status == 302
        assert silent.redirect["session_state"] == first.redirect["session_state"]
        status, tokens = await visitor.redeem(silent.redirect["code"])
        assert status == 200
        assert (await visitor.claims(tokens["id_token"]))["name"] == LINUS.name


@pytest.mark.parametrize("prompt", ["select_account", "login", "consent"])
async def test_the_application_may_insist_on_a_choice(visitor: Visitor, prompt: str) -> None:
    await visitor.code(LINUS)
    page = await visitor.authorize(prompt=prompt)
    assert page.status == 200
    assert "Signed in" in (await visitor.authorize(prompt=prompt, ui_locales="en")).text


async def test_with_two_accounts_signed_in_somebody_has_to_choose(visitor: Visitor) -> None:
    await visitor.code(LINUS)
    await visitor.code(ADA)
    assert (await visitor.authorize()).status == 200
    assert (await visitor.authorize(prompt="none")).redirect["error"] == "interaction_required"
    for hint in (ADA.address.upper(), ADA.login_hint):
        hinted = await visitor.authorize(prompt="none", login_hint=hint)
        _, tokens = await visitor.redeem(hinted.redirect["code"])
        assert (await visitor.claims(tokens["id_token"]))["oid"] == ADA.oid


async def test_a_hint_at_somebody_else_never_signs_in_the_wrong_person(visitor: Visitor) -> None:
    await visitor.code(LINUS)
    page = await visitor.authorize(login_hint=GRACE.address)
    assert page.status == 200
    assert page.text.index(GRACE.address) < page.text.index(ADA.address)
    silent = await visitor.authorize(login_hint=GRACE.address, prompt="none")
    assert silent.redirect["error"] == "login_required"


async def test_cancelling_is_told_to_the_application(visitor: Visitor) -> None:
    action, hidden = (await visitor.authorize()).form
    answer = await visitor.post(action, hidden | {"cancel": "1"})
    assert answer.status == 303
    assert answer.redirect["error"] == "access_denied"


async def test_a_form_counts_only_from_the_page_and_browser_that_showed_it(
    visitor: Visitor, entra_url: str
) -> None:
    page = await visitor.authorize()
    action, hidden = page.form
    chosen = hidden | {"account": LINUS.oid}
    async with new_browser() as other:
        stranger = Visitor(entra_url, other)
        forged = [
            await stranger.post(action, chosen),
            await visitor.post(action, {"account": LINUS.oid}),
            await visitor.post(action, chosen | {"ticket": "0" * 64}),
            await visitor.post(action, chosen, {"Sec-Fetch-Site": "cross-site"}),
            await visitor.post(action, chosen, {"Sec-Fetch-Site": "same-site"}),
            await visitor.post((await stranger.authorize()).form[0], chosen),
        ]
    for answer in forged:
        assert answer.status == 400
        assert "AADSTS165000" in answer.text
        assert "Location" not in answer.headers
        assert cookie(answer, "simulated-entra-sso") is None
    assert (await visitor.post(action, chosen, {"Sec-Fetch-Site": "same-origin"})).status == 303


async def test_twenty_pages_open_at_once_all_work(visitor: Visitor) -> None:
    pages = [await visitor.authorize(state=str(number)) for number in range(20)]
    for number, page in reversed(list(enumerate(pages))):
        assert (await visitor.pick(page, LINUS)).redirect["state"] == str(number)


async def test_a_request_changed_in_the_form_address_is_checked_again(visitor: Visitor) -> None:
    action, hidden = (await visitor.authorize()).form
    evil = action.replace("localhost%3A8080", "evil.example")
    assert evil != action
    answer = await visitor.post(evil, hidden | {"account": LINUS.oid})
    assert answer.status == 400
    assert "AADSTS50011" in answer.text


async def test_a_cookie_planted_before_the_sign_in_is_worth_nothing_after_it(
    visitor: Visitor, entra_url: str
) -> None:
    first = await visitor.pick(await visitor.authorize(), LINUS)
    planted = cookie(first, "simulated-entra-sso")
    second = await visitor.pick(await visitor.authorize(prompt="login"), ADA)
    assert cookie(second, "simulated-entra-sso") != planted
    async with new_browser() as other:
        attacker = Visitor(entra_url, other)
        other.cookie_jar.update_cookies({"simulated-entra-sso": str(planted)})
        assert (await attacker.authorize(prompt="none")).redirect["error"] == "login_required"


async def test_the_sign_on_cookie_is_for_http_only(visitor: Visitor) -> None:
    answer = await visitor.pick(await visitor.authorize(), ALAN)
    attributes = answer.headers["Set-Cookie"].lower()
    assert "httponly" in attributes
    assert "samesite=lax" in attributes
    assert "path=/" in attributes


async def test_speaks_the_language_that_is_asked_for(visitor: Visitor) -> None:
    french = await visitor.authorize(ui_locales="fr-FR en")
    assert '<html lang="fr">' in french.text
    assert "Microsoft Entra ID simulé" in french.text
    english = await visitor.authorize(ui_locales="en")
    assert "Simulated Microsoft Entra ID" in english.text
    assert REGISTRATION.client_secret not in english.text


async def test_an_address_that_does_not_exist_says_so(visitor: Visitor) -> None:
    answer = await visitor.get("/nowhere", headers={"Accept-Language": "en"})
    assert answer.status == 404
    assert "There is nothing at this address" in answer.text
