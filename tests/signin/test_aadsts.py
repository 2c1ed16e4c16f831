"""What Entra ID's numbers are told as, to people and to operators."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse

import mainhub
from mainhub.i18n.catalogue import LOCALES
from mainhub.signin import ProviderDeclined
from mainhub.signin.aadsts import explain, explain_to_operators
from mainhub.signin.aadsts_accounts import ACCOUNTS
from mainhub.signin.aadsts_registration import REGISTRATION
from mainhub.signin.failure_pages import Attempt, told_failure
from signin.browser import HTML
from signin.hostile_provider import Defect
from signin.hostile_world import HostileWorld, hostile_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from mainhub.i18n import Locale
    from signin.browser import Browser
    from signin.moving_clock import MovingClock

KNOWN = ACCOUNTS | REGISTRATION
RECALLED = {500121, 70021}
SOURCE = Path(mainhub.__file__).parent


@pytest.mark.parametrize("number", KNOWN)
def test_every_number_has_a_cause_and_a_remedy_in_both_languages(number: int) -> None:
    told = [explain(f"Entra: AADSTS{number}: words", locale) for locale in LOCALES]
    sentences = [text for one in told if one is not None for text in (one.cause, one.remedy)]
    assert len(set(sentences)) == 4
    for sentence in sentences:
        assert sentence.endswith(".")
        assert sentence == sentence.strip()
        assert "  " not in sentence
    french = explain(f"AADSTS{number}", "fr")
    assert french is not None
    # Nothing but a no-break space stands before these.
    assert not re.search(r"[^\u00a0\u202f][;:!?%]", french.cause + french.remedy)


def test_what_an_operator_meets_is_known() -> None:
    assert len(KNOWN) == len(ACCOUNTS) + len(REGISTRATION) >= 25
    assert {50011, 50105, 50173, 65001, 700016, 7000215, 7000222, 90002} <= set(KNOWN)
    assert {number for number, meaning in KNOWN.items() if not meaning.listed} == RECALLED


@pytest.mark.parametrize(
    "words",
    [
        "",
        "access_denied",
        "AADSTS",
        "AADSTS0",
        "AADSTS99999: new",
        "aadsts50105",
        "AADSTS5010512345",
        "AADSTS\u0665\u0660\u0661\u0660\u0665",
        "50105",
    ],
)
def test_what_is_no_known_number_is_not_explained(words: str) -> None:
    assert explain(words, "en") is None
    assert explain_to_operators(words) is None


def test_the_first_of_several_numbers_counts() -> None:
    told = explain("AADSTS50105: no role. See AADSTS65001.", "en")
    assert told == explain("AADSTS50105", "en")
    assert told is not None
    assert explain_to_operators("AADSTS50105") == (told.cause, told.remedy)


@given(st.text(), st.sampled_from(LOCALES))
def test_any_words_are_explained_or_not(words: str, locale: Locale) -> None:
    explain(words, locale)
    explain(f"AADSTS{words}", locale)


@pytest.mark.parametrize("locale", LOCALES)
def test_people_read_cause_remedy_and_the_words_themselves(locale: Locale) -> None:
    error = ProviderDeclined("Entra: AADSTS50105: not assigned", code="access_denied")
    attempt = Attempt(provider="entra", title="Entra", explain=explain)
    facts = told_failure(locale, error, attempt).facts
    meaning = explain("AADSTS50105", locale)
    assert meaning is not None
    told = [value for _, value in facts["facts"]]  # type: ignore[attr-defined] # a list of pairs
    assert meaning.cause in told
    assert str(error) in told
    assert facts["helps"][0] == meaning.remedy  # type: ignore[index] # a list of texts


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("language", "words"), [("en", "Make a new secret"), ("fr", "Créez un nouveau secret")]
)
async def test_a_refused_sign_in_tells_them(
    tmp_path: Path, clock: MovingClock, browser: Browser, language: str, words: str
) -> None:
    body = {"error": "invalid_client", "error_description": "AADSTS7000222: expired.\r\nTrace ID"}
    expired = Defect("expired", answer=lambda _: JSONResponse(body, 401))
    async with hostile_world([expired], tmp_path, clock=clock) as world:
        url = await world.arrive(browser, "expired")
        page = await browser.get(url, HTML | {"Accept-Language": language})
    assert page.status == 403
    assert words in page.text
    assert "AADSTS7000222: expired." in page.text
    assert "Trace ID" not in page.text


@pytest.mark.anyio
@pytest.mark.parametrize("number", KNOWN)
async def test_no_number_changes_what_the_hub_does(
    shared: HostileWorld, browser: Browser, number: int
) -> None:
    body = {"error": "access_denied", "error_description": f"AADSTS{number}: words."}
    told = []
    for description in (body["error_description"], "words."):
        answer = body | {"error_description": description}
        shared.issuers["any"].defect = Defect("any", answer=_saying(answer))
        page = await shared.sign_in(browser, "any")
        told.append((page.status, page.set_cookies))
    assert told[0] == told[1]
    assert told[0] == (403, [])


def _saying(answer: dict[str, str]) -> Callable[[dict[str, object]], object]:
    return lambda _: JSONResponse(answer, 400)


@pytest.fixture(scope="module")
async def shared(
    tmp_path_factory: pytest.TempPathFactory, clock: MovingClock
) -> AsyncIterator[HostileWorld]:
    state = tmp_path_factory.mktemp("numbers")
    async with hostile_world([Defect("any")], state, clock=clock) as one:
        yield one


def test_nothing_is_decided_by_a_number() -> None:
    for file in SOURCE.rglob("*.py"):
        name = file.relative_to(SOURCE).as_posix()
        if name == "signin/aadsts.py" or name.startswith("simulator/"):
            continue
        tree = ast.parse(file.read_text())
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in said
        ]
        assert not [text for text in texts if "AADSTS" in text or "error_codes" in text], name
