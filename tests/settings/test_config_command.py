import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mainhub.cli.config import app
from mainhub.settings import SettingsInvalid

HIDDEN = "never-to-be-shown"


def run(*arguments: str, **environ: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["show", *arguments], env=environ, terminal_width=200)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_shows_value_and_source_of_every_setting(folder: Path) -> None:
    (folder / "mainhub.toml").write_text('[hub]\nlisten = "[::1]:9000"\n', encoding="utf-8")
    code, out, err = run("--json", AZURE_CLIENT_SECRET=HIDDEN)
    rows = {row["path"]: row for row in json.loads(out)}
    assert (code, err) == (0, "")
    assert rows["hub.listen"] == {
        "path": "hub.listen",
        "value": "[::1]:9000",
        "source": "mainhub.toml:2",
        "secret": False,
    }
    assert rows["identity.entra.client_secret"] == {
        "path": "identity.entra.client_secret",
        "value": "********",
        "source": "environment AZURE_CLIENT_SECRET",
        "secret": True,
    }
    assert HIDDEN not in out


def test_shows_a_table_to_people() -> None:
    code, out, err = run(MAINHUB_HUB__SUPPORT="[red]Ada[/red]", COLUMNS="200")
    assert (code, err) == (0, "")
    (line,) = [line for line in out.splitlines() if "hub.support" in line]
    assert line.split() == ["hub.support", "[red]Ada[/red]", "environment", "MAINHUB_HUB__SUPPORT"]


def test_raises_all_that_is_wrong_for_the_command_line_to_tell(folder: Path) -> None:
    (folder / "other.toml").write_text("[hub]\nlistn = 1\nlisten = 2\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["show", "--config", "other.toml"])
    assert isinstance(result.exception, SettingsInvalid)
    assert list(result.exception.problems) == [
        "other.toml:2: unknown setting hub.listn; did you mean hub.listen?",
        (
            "other.toml:3: hub.listen: expected host:port, such as 127.0.0.1:8080 or [::1]:8080 "
            "(it is 2)"
        ),
    ]
