"""``mainhub doctor`` as a person meets it: words, exit codes, JSON."""

import json
import socket
from pathlib import Path

from cli.mainhub_process import run
from cli.test_wrong_input import KEY, PROVIDER, written

SECRET = "secret-of-the-client"


def nobody_there() -> int:
    """Return a port of this machine at which nobody answers."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def complete(folder: Path) -> None:
    """Write settings that are complete, with a provider that does not answer."""
    port = nobody_there()
    written(
        folder,
        f"""
[hub]
secret_keys = ["{KEY}"]
listen = "127.0.0.1:{port}"
public_url = "http://localhost:{port}"
mode = "development"
[identity.main]
kind = "oidc"
issuer = "http://127.0.0.1:{port}"
client_id = "client"
client_secret = "{SECRET}"
[gateway.services.orders]
upstreams = ["http://127.0.0.1:{port}"]
roles = ["*"]
""",
    )
    (folder / "mainhub.toml").chmod(0o600)


def test_without_settings_it_says_what_is_missing_and_ends_with_1(tmp_path: Path) -> None:
    outcome = run("doctor", cwd=tmp_path)
    assert outcome.code == 1
    assert "no identity provider is set" in outcome.out
    assert "hub.secret_keys is missing" in outcome.out
    assert "mainhub dev" in " ".join(outcome.out.split())
    assert "Traceback" not in outcome.out + outcome.err


def test_a_provider_that_is_away_is_told_with_cause_remedy_and_page(tmp_path: Path) -> None:
    complete(tmp_path)
    outcome = run("doctor", cwd=tmp_path)
    assert outcome.code == 1
    told = " ".join(outcome.out.split())
    assert "Identity provider" in told
    assert "x The discovery document cannot be had." in told
    assert "see docs/signin.md" in told
    assert "Service orders" in told
    assert SECRET not in outcome.out + outcome.err
    assert KEY not in outcome.out + outcome.err


def test_programs_read_json(tmp_path: Path) -> None:
    complete(tmp_path)
    outcome = run("doctor", "--json", cwd=tmp_path)
    assert outcome.code == 1
    told = json.loads(outcome.out)
    assert told["verdict"] == "failed"
    found = {one["name"]: one for one in told["examinations"]}
    assert set(found) == {"settings", "identity-main", "public-url", "database", "service-orders"}
    assert found["settings"]["verdict"] == "fine"
    for one in found.values():
        for each in one["diagnoses"]:
            assert set(each) == {"what", "verdict", "cause", "remedy", "link"}


def test_one_thing_alone_is_looked_into(tmp_path: Path) -> None:
    complete(tmp_path)
    outcome = run("doctor", "--json", "--only", "database", "--only", "settings", cwd=tmp_path)
    assert outcome.code == 0
    told = json.loads(outcome.out)
    assert [one["name"] for one in told["examinations"]] == ["settings", "database"]


def test_what_cannot_be_looked_into_is_refused_with_the_names(tmp_path: Path) -> None:
    complete(tmp_path)
    outcome = run("doctor", "--only", "databse", cwd=tmp_path)
    assert outcome.is_refusal()
    assert "Choose among: settings, identity-main" in outcome.err


def test_settings_that_cannot_be_read_end_with_2(tmp_path: Path) -> None:
    written(tmp_path, "[hub\n")
    assert run("doctor", cwd=tmp_path).is_refusal()
    assert run("doctor", "--config", "nowhere.toml", cwd=tmp_path).is_refusal()


def test_a_settings_file_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    complete(tmp_path)
    (tmp_path / "mainhub.toml").chmod(0o644)
    outcome = run("doctor", "--only", "settings", cwd=tmp_path)
    assert outcome.code == 0
    assert "chmod 640" in " ".join(outcome.out.split())


def test_it_makes_and_changes_nothing(tmp_path: Path) -> None:
    complete(tmp_path)
    before = sorted(tmp_path.iterdir())
    run("doctor", cwd=tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_settings_of_a_provider_are_named_as_elsewhere(tmp_path: Path) -> None:
    port = nobody_there()
    written(tmp_path, PROVIDER.replace("PORT", str(port)))
    outcome = run("doctor", "--json", "--only", "settings", cwd=tmp_path)
    assert json.loads(outcome.out)["examinations"][0]["name"] == "settings"
