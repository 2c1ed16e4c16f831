"""SIGTERM of a hub that is at work: what is open finishes, nothing new begins, the end comes."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cli.mainhub_process import Running, mainhub, wait_until
from cli.one_person import asking, session_of
from cli.slow_service import BEGINNING, END, SlowService, slow_service
from cli.test_dev import pids
from house.isolation import free_ports


@pytest.fixture
def service() -> Iterator[SlowService]:
    with slow_service() as found:
        yield found


@contextmanager
def at_work(folder: Path, service: SlowService, *, drain: str) -> Iterator[tuple[Running, int]]:
    port = free_ports(3)
    environ = {
        "MAINHUB_GATEWAY__SERVICES__SLOW__UPSTREAMS": service.url,
        "MAINHUB_GATEWAY__SERVICES__SLOW__ROLES": "*",
        "MAINHUB_FRONTENDS__DECLARED__DASHBOARD__APIS": "slow",
        "MAINHUB_HUB__DRAIN_TIMEOUT": drain,
    }
    with mainhub("dev", "--port", str(port), cwd=folder, environ=environ) as running:
        running.line_with("Ctrl+C stops everything")
        yield running, port


def refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def test_what_is_open_finishes_while_nothing_new_begins(
    tmp_path: Path, service: SlowService
) -> None:
    with at_work(tmp_path, service, drain="60s") as (running, port):
        session = session_of(port)
        with asking(port, "/api/slow/slow", session) as answer:
            assert answer.status == 200
            assert answer.read(len(BEGINNING)) == BEGINNING
            os.kill(pids(running)["hub"], signal.SIGTERM)
            running.line_with("hub.draining")
            wait_until(lambda: refuses(port), what="the end of new connections")
            # Still the same process, since it was told to finish and nobody let it.
            assert "hub ended" not in running.told
            service.go_on.set()
            assert answer.read() == END
        running.line_with("hub.stopped")
        running.line_with("hub ended (exit code 0)")


def test_a_request_that_never_ends_does_not_hold_the_hub_beyond_its_time(
    tmp_path: Path, service: SlowService
) -> None:
    with at_work(tmp_path, service, drain="3s") as (running, port):
        session = session_of(port)
        with asking(port, "/api/slow/for-ever", session) as answer:
            assert answer.read(len(BEGINNING)) == BEGINNING
            began = time.monotonic()
            os.kill(pids(running)["hub"], signal.SIGTERM)
            # By itself: nobody but the test's own end would kill it.
            running.line_with("hub ended (exit code 0)")
            assert time.monotonic() - began < 20


def test_stopping_everything_waits_for_what_is_open(tmp_path: Path, service: SlowService) -> None:
    with at_work(tmp_path, service, drain="60s") as (running, port):
        session = session_of(port)
        with asking(port, "/api/slow/slow", session) as answer:
            assert answer.read(len(BEGINNING)) == BEGINNING
            running.process.terminate()
            running.line_with("hub.draining")
            service.go_on.set()
            assert answer.read() == END
        assert running.process.wait(60) == 0
