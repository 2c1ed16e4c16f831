from __future__ import annotations

import re

import pytest
from jinja2 import UndefinedError
from starlette.requests import Request

from mainhub.web import Pages, Preferences
from web.asgi_call import scope_of

HOSTILE = """"><script>alert('x')</script><p title='"""
FACTS = {
    "title": "Title",
    "lead": "Lead",
    "state": None,
    "tone": "ok",
    "facts": [],
    "helps": [],
    "actions": [("Home", "/")],
    "told": None,
}


@pytest.fixture
def pages() -> Pages:
    return Pages(
        "mainhub.web",
        {"styles": "/static/p.css", "icon": "/static/i.svg", "host": "hub.example"},
    )


def request(*headers: tuple[str, str]) -> Request:
    return Request(scope_of("/", *headers))


def test_a_page_carries_the_nonce_of_its_policy_once(pages: Pages) -> None:
    policies = [
        pages.render(request(), "message.html", FACTS).headers["content-security-policy"]
        for _ in range(20)
    ]
    nonces = [re.findall(r"'nonce-([\w-]{22})'", policy) for policy in policies]
    assert all(len(set(pair)) == 1 for pair in nonces)
    assert len({pair[0] for pair in nonces}) == 20


def test_a_page_is_never_stored_and_tells_what_it_depends_on(pages: Pages) -> None:
    page = pages.render(request(), "message.html", FACTS, status=409, connect=["https://x.example"])
    assert page.status_code == 409
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["vary"] == "Accept-Language, Cookie"
    assert page.headers["content-language"] == "en"
    assert "connect-src 'self' https://x.example;" in page.headers["content-security-policy"]


def test_hostile_values_stay_text(pages: Pages) -> None:
    hostile = {
        "title": HOSTILE,
        "lead": HOSTILE,
        "state": HOSTILE,
        "tone": HOSTILE,
        "facts": [(HOSTILE, HOSTILE)],
        "helps": [HOSTILE],
        "actions": [(HOSTILE, HOSTILE)],
        "told": None,
    }
    html = bytes(pages.render(request(), "message.html", hostile).body).decode()
    assert "<script" not in html
    assert "alert(&#39;x&#39;)" in html
    choice = {"href": HOSTILE, "title": HOSTILE, "kind": HOSTILE, "last": True}
    asked = {"title": HOSTILE, "choices": [choice], "return_to": HOSTILE}
    assert b"<script" not in bytes(pages.render(request(), "choose.html", asked).body)
    told = {"type": HOSTILE, "tab": HOSTILE}
    ended = {"title": HOSTILE, "lead": HOSTILE, "go_on": HOSTILE, "told": told}
    html = bytes(pages.render(request(), "done.html", ended).body).decode()
    assert html.count("<script") == 1
    assert "alert('x')" not in html


def test_a_page_holds_no_style_attribute_and_no_inline_script(pages: Pages) -> None:
    for state, tone in ((None, "ok"), ("State", "bad"), ("State", "warn"), ("State", "ok")):
        facts = FACTS | {"state": state, "tone": tone, "facts": [("a", "b")]}
        html = bytes(pages.render(request(), "message.html", facts).body).decode()
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", html)


def test_a_missing_fact_is_a_fault_rather_than_a_gap(pages: Pages) -> None:
    with pytest.raises(UndefinedError):
        pages.render(request(), "message.html", {})


@pytest.mark.parametrize(
    ("headers", "locale", "theme"),
    [
        ([], "en", "system"),
        ([("accept-language", "fr-CA,fr;q=0.9,en;q=0.5")], "fr", "system"),
        ([("cookie", "mainhub-locale=fr; mainhub-theme=dark")], "fr", "dark"),
        ([("cookie", "mainhub-locale=en"), ("accept-language", "fr")], "en", "system"),
        ([("cookie", "mainhub-theme=light")], "en", "light"),
        ([("cookie", 'mainhub-locale=de; mainhub-theme="><script>')], "en", "system"),
    ],
)
def test_language_and_theme_are_the_persons(
    pages: Pages, headers: list[tuple[str, str]], locale: str, theme: str
) -> None:
    wanted = Preferences.of(request(*headers))
    assert (wanted.locale, wanted.theme) == (locale, theme)
    html = bytes(pages.render(request(*headers), "message.html", FACTS).body).decode()
    expected = f'<html lang="{locale}">'
    if theme != "system":
        expected = f'<html lang="{locale}" data-theme="{theme}">'
    assert expected in html
