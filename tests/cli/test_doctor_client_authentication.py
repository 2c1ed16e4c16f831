"""What a person is told of a certificate or an assertion that does not prove the hub."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from cli.mainhub_process import run
from cli.test_doctor import SECRET, complete
from signin.client_certificates import Made, made, rsa_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def instead(folder: Path, settings: Mapping[str, str]) -> None:
    """Write settings that are complete, with *settings* in the place of the secret."""
    complete(folder)
    config = folder / "mainhub.toml"
    lines = "\n".join(f"{name} = '''{value}'''" for name, value in settings.items())
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace(f'client_secret = "{SECRET}"', lines), encoding="utf-8")


def of(one: Made, other: Made | None = None) -> dict[str, str]:
    return {"client_certificate": one.certificate, "client_key": (other or one).key}


def told(folder: Path, examination: str) -> list[dict[str, Any]]:
    outcome = run("doctor", "--json", "--only", examination, cwd=folder)
    assert outcome.code == 1, outcome.err
    assert "PRIVATE" not in outcome.out + outcome.err
    assert "Traceback" not in outcome.out + outcome.err
    (found,) = json.loads(outcome.out)["examinations"]
    return [one for one in found["diagnoses"] if one["verdict"] in {"failed", "warning"}]


def test_a_key_of_another_certificate_is_found_and_nothing_starts(tmp_path: Path) -> None:
    instead(tmp_path, of(made(), made(rsa_key(2048, 1))))
    line = (
        "identity.main.client_key: the key does not belong to the certificate; "
        "set the two that were made together"
    )
    (found,) = told(tmp_path, "settings")
    assert (found["verdict"], found["cause"]) == ("failed", line)
    outcome = run("serve", cwd=tmp_path)
    assert outcome.code == 2
    assert line in " ".join((outcome.out + outcome.err).split())
    assert "Traceback" not in outcome.out + outcome.err


@pytest.mark.parametrize(
    ("lasts", "words", "verdict"),
    [
        (timedelta(hours=1), "has ended", "failed"),
        (timedelta(days=11), "certificate ends on", "warning"),
    ],
)
def test_a_certificate_that_ends_is_told_before_the_provider_is_asked(
    tmp_path: Path, lasts: timedelta, words: str, verdict: str
) -> None:
    instead(tmp_path, of(made(lasts=lasts)))
    first, *_ = told(tmp_path, "identity-main")
    assert words in first["what"]
    assert first["verdict"] == verdict
    assert first["remedy"]


def test_an_assertion_that_is_not_there_is_told_with_its_path(tmp_path: Path) -> None:
    instead(tmp_path, {"client_assertion_path": str(tmp_path / "token")})
    first, *_ = told(tmp_path, "identity-main")
    assert first["what"] == "The hub's assertion cannot be read."
    assert first["cause"] == f"{tmp_path}/token cannot be read (No such file or directory)"
