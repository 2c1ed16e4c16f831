from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mainhub.simulator.pkce import challenge_of, is_challenge, proves

UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
verifiers = st.text(UNRESERVED, min_size=43, max_size=128)


def test_agrees_with_the_example_of_the_standard() -> None:
    # RFC 7636, appendix B.
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


@given(verifiers)
def test_every_verifier_proves_its_own_challenge(verifier: str) -> None:
    challenge = challenge_of(verifier)
    assert is_challenge(challenge)
    assert proves(verifier, challenge)


@given(verifiers, verifiers)
def test_no_verifier_proves_the_challenge_of_another(one: str, other: str) -> None:
    assert proves(one, challenge_of(other)) == (one == other)


@given(st.text(max_size=200), st.text(max_size=60))
def test_whatever_is_no_verifier_proves_nothing(verifier: str, challenge: str) -> None:
    malformed = not 43 <= len(verifier) <= 128 or any(c not in UNRESERVED for c in verifier)
    if malformed:
        assert not proves(verifier, challenge)
        assert not proves(verifier, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")


@given(verifiers)
def test_a_challenge_sent_as_plain_is_never_proved_by_itself(verifier: str) -> None:
    assert not proves(verifier, verifier)
