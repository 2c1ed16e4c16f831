"""Reading what a service says it lacks, whatever it says."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.gateway.challenge import challenges, demanded_claims

CLAIMS = b'{"access_token":{"nbf":{"essential":true,"value":"1600000000"}}}'
ENCODED = b64encode(CLAIMS).decode()


def demanded(*values: str) -> str | None:
    return demanded_claims([(b"WWW-Authenticate", value.encode("latin-1")) for value in values])


@pytest.mark.parametrize(
    "value",
    [
        f'Bearer realm="", error="insufficient_claims", claims="{ENCODED}"',
        f'bearer error=insufficient_claims,claims="{ENCODED}"',
        f'Bearer claims="{ENCODED}",,  error="insufficient_claims"',
        f'BEARER error = "insufficient_claims" , claims = "{ENCODED}"',
        (
            f'Bearer claims="{urlsafe_b64encode(CLAIMS).decode().rstrip("=")}", '
            'error="insufficient_claims"'
        ),
        f'Basic realm="a \\"b\\", c", Bearer error="insufficient_claims", claims="{ENCODED}"',
        f'Negotiate oYG2MIGz==, Bearer error="insufficient_claims", claims="{ENCODED}"',
        (
            f'Bearer authorization_uri="https://login.example/common/oauth2/authorize", '
            f'error="insufficient_claims", claims="{ENCODED}"'
        ),
    ],
)
def test_reads_a_demand(value: str) -> None:
    assert demanded(value) == CLAIMS.decode()


def test_reads_it_among_several_headers() -> None:
    told = f'Bearer error="insufficient_claims", claims="{ENCODED}"'
    assert demanded('Basic realm="x"', told) == CLAIMS.decode()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        f'Bearer error="invalid_token", claims="{ENCODED}"',
        'Bearer error="insufficient_claims"',
        'Bearer error="insufficient_claims", claims=""',
        'Bearer error="insufficient_claims", claims="e30="',
        'Bearer error="insufficient_claims", claims="W10="',
        'Bearer error="insufficient_claims", claims="bm8="',
        'Bearer error="insufficient_claims", claims="<script>"',
        f'Bearer error="insufficient_claims", claims="{"QUFB" * 2000}"',
        f'Digest error="insufficient_claims", claims="{ENCODED}"',
        # Of what is said twice, the first counts.
        f'Bearer error="invalid_token", error="insufficient_claims", claims="{ENCODED}"',
        f'error="insufficient_claims", claims="{ENCODED}"',
        "Bearer " + 'x="y", ' * 3000,
    ],
)
def test_takes_nothing_else_for_a_demand(value: str) -> None:
    assert demanded(value) is None


@given(st.lists(st.binary(max_size=200) | st.text(max_size=200).map(str.encode), max_size=4))
def test_never_fails(values: list[bytes]) -> None:
    for scheme, told in challenges(values):
        assert scheme
        assert all(isinstance(value, str) for value in told.values())


@given(
    st.dictionaries(st.text(max_size=10), st.text(max_size=20), min_size=1, max_size=3),
    st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
)
def test_returns_what_was_demanded(claims: dict[str, str], realm: str) -> None:
    quoted = realm.replace("\\", "\\\\").replace('"', '\\"')
    encoded = b64encode(orjson.dumps(claims)).decode()
    told = demanded(f'Bearer realm="{quoted}", error="insufficient_claims", claims="{encoded}"')
    assert told is not None
    assert orjson.loads(told) == claims
