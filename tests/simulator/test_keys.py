from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet

from mainhub.simulator.keys import SigningKeys

if TYPE_CHECKING:
    from pathlib import Path


def published(keys: SigningKeys) -> dict[str, str | list[str]]:
    listed = keys.published(issuer="http://127.0.0.1/t/v2.0")["keys"]
    assert isinstance(listed, list)
    (key,) = listed
    return dict(key)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = SigningKeys.kept_in(tmp_path / "state")
    again = SigningKeys.kept_in(tmp_path / "state")
    assert published(first) == published(again)
    (file,) = (tmp_path / "state").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_publishes_the_public_half_only(tmp_path: Path) -> None:
    key = published(SigningKeys.kept_in(tmp_path))
    assert set(key) == {"kty", "n", "e", "kid", "use", "issuer"}
    assert key["kty"] == "RSA"
    assert key["use"] == "sig"


def test_what_it_signs_is_verified_by_what_it_publishes(tmp_path: Path) -> None:
    ours, others = (SigningKeys.kept_in(tmp_path / name) for name in ("a", "b"))
    token = ours.sign({"sub": "x"})
    key = published(ours)
    keys = KeySet.import_key_set({"keys": [key]})
    assert jwt.decode(token, keys, algorithms=["RS256"]).claims == {"sub": "x"}
    other = published(others) | {"kid": key["kid"]}
    wrong = KeySet.import_key_set({"keys": [other]})
    with pytest.raises(BadSignatureError):
        jwt.decode(token, wrong, algorithms=["RS256"])
