"""``mainhub dev`` as a person meets it: what it prints, what it restarts, what it leaves behind."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.mainhub_process import Running, answers, mainhub, run, wait_until
from house.isolation import free_ports


@pytest.fixture
def dev(tmp_path: Path) -> Iterator[tuple[Running, int]]:
    port = free_ports(3)
    azure = {"AZURE_TENANT_ID": "somebody-elses.example"}
    with mainhub("dev", "--port", str(port), cwd=tmp_path, environ=azure) as running:
        running.line_with("Ctrl+C stops everything")
        yield running, port


def pids(running: Running) -> dict[str, int]:
    found = re.findall(r"^\s*(hub|simulator|orders)\s+(\d+)\s+http", running.told, re.MULTILINE)
    return {role: int(pid) for role, pid in found}


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    # A zombie has ended; only its parent has not asked yet.
    return not state.exists() or state.read_text().rpartition(") ")[2][0] != "Z"


def test_prints_the_address_the_accounts_and_the_processes(dev: tuple[Running, int]) -> None:
    running, port = dev
    assert f"http://localhost:{port}" in running.told
    for account, role in (
        ("ada", "Admin"),
        ("grace", "Editor"),
        ("linus", "Employee"),
        ("alan", "none"),
    ):
        assert re.search(rf"^\s*{account}\s.*{role}\s*$", running.told, re.MULTILINE)
    assert set(pids(running)) == {"hub", "simulator", "orders"}
    assert all(lives(pid) for pid in pids(running).values())
    assert "AZURE_TENANT_ID is set and not used" in running.told


def test_stops_in_order_and_leaves_nobody(dev: tuple[Running, int]) -> None:
    running, port = dev
    children = pids(running)
    assert running.stop() == 0
    assert not any(lives(pid) for pid in children.values())
    assert not answers(f"http://127.0.0.1:{port}/livez")


def test_ctrl_c_stops_it_too(dev: tuple[Running, int]) -> None:
    running, _ = dev
    children = pids(running)
    assert running.stop(signal.SIGINT) == 0
    assert not any(lives(pid) for pid in children.values())


def test_starts_again_what_dies(dev: tuple[Running, int]) -> None:
    running, port = dev
    os.kill(pids(running)["orders"], signal.SIGKILL)
    running.line_with("orders ended (SIGKILL)")
    wait_until(lambda: answers(f"http://127.0.0.1:{port + 2}/healthz"), what="orders again")
    os.kill(pids(running)["hub"], signal.SIGKILL)
    running.line_with("hub ended (SIGKILL)")
    wait_until(lambda: answers(f"http://127.0.0.1:{port}/readyz"), what="the hub again")


def test_sigkill_leaves_no_orphan_even_when_a_child_is_stopped(dev: tuple[Running, int]) -> None:
    running, port = dev
    children = pids(running)
    os.kill(children["orders"], signal.SIGSTOP)
    running.stop(signal.SIGKILL)
    wait_until(lambda: not any(map(lives, children.values())), what="the end of all children")
    assert not answers(f"http://127.0.0.1:{port}/livez")


def test_a_second_one_on_the_same_state_is_refused(
    dev: tuple[Running, int], tmp_path: Path
) -> None:
    del dev
    outcome = run("dev", "--port", str(free_ports(3)), cwd=tmp_path)
    assert outcome.is_refusal()
    assert "another mainhub dev" in outcome.err


def test_listens_on_loopback_only_and_keeps_its_secrets_to_itself(
    dev: tuple[Running, int], tmp_path: Path
) -> None:
    running, port = dev
    listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
    ours = [
        line.split()[1]
        for line in listening.splitlines()[1:]
        if len(line.split()) > 3
        and line.split()[3] == "0A"
        and int(line.split()[1].rpartition(":")[2], 16) in range(port, port + 3)
    ]
    assert sorted(ours) == [f"0100007F:{number:04X}" for number in range(port, port + 3)]
    state = tmp_path / ".mainhub"
    assert state.stat().st_mode & 0o077 == 0
    secret = (state / "dev.json").read_text()
    assert (state / "dev.json").stat().st_mode & 0o077 == 0
    for value in re.findall(r'"([\w-]{30,})"', secret):
        assert value not in running.told


def test_sigterm_ends_an_idle_hub_which_says_so(tmp_path: Path) -> None:
    key, port = "k" * 43, free_ports(3)
    (tmp_path / "mainhub.toml").write_text(
        f'[hub]\nsecret_keys = ["{key}"]\nlisten = "127.0.0.1:{port}"\n'
        '[identity.entra]\nkind = "entra"\ntenant = "5f1c2a9e-7d34-4b86-9c05-2e8a61d7b340"\n'
        'client_id = "client"\nclient_secret = "a secret of the client"\n'
    )
    with mainhub("serve", cwd=tmp_path) as running:
        running.line_with("hub.ready")
        assert answers(f"http://127.0.0.1:{port}/readyz")
        assert running.stop() == 0
        running.line_with("hub.stopped")
