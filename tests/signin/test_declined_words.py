"""What a provider says as it declines: people and logs get it, without what it was sent."""

from __future__ import annotations

from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.signin import Provider, SharedSecret
from mainhub.signin.provider import _without_secrets, declined

SECRETS = st.text(st.characters(codec="utf-8", exclude_characters="…"), min_size=8, max_size=40)


@given(SECRETS, st.sampled_from([str, quote_plus, lambda text: quote(text, safe="")]))
@pytest.mark.parametrize(
    "name",
    ["client_secret", "code", "refresh_token", "client_assertion", "assertion", "token"],
)
def test_it_repeats_no_secret_in_any_spelling(name: str, secret: str, spelled: object) -> None:
    assert callable(spelled)
    words = f"The request had {spelled(secret)}, which is wrong."
    told = _without_secrets({"error": "invalid", "error_description": words}, {name: secret})
    assert told["error_description"] == "The request had …, which is wrong."
    assert told["error"] == "invalid"


@given(st.text(max_size=400), st.text(max_size=400), st.text(max_size=400))
def test_it_tells_nothing_that_writes_over_a_log(code: str, suberror: str, words: str) -> None:
    provider = Provider(
        name="p",
        title="P",
        kind="oidc",
        issuer="https://p.example",
        client_id="hub",
        authentication=SharedSecret("made-up"),
        redirect_uri="https://hub.example/auth/callback/p",
        post_logout_uri="https://hub.example/auth/signed-out",
        scopes=("openid",),
    )
    told = declined(provider, {"error": code, "suberror": suberror, "error_description": words})
    assert told.code.isprintable()
    assert told.suberror.isprintable()
    assert str(told).isprintable()
    assert len(told.code) <= 64 >= len(told.suberror)
