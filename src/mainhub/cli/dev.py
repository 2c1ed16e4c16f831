"""``mainhub dev``: hub, simulated Entra and sample service on this machine, under one command."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table

from mainhub import __version__
from mainhub.cli.dev_state import Ports, conduct_in, configuration, faults_in, locked
from mainhub.cli.sockets import bind
from mainhub.cli.supervisor import Child, Supervisor
from mainhub.settings import Address
from mainhub.simulator import ACCOUNTS, TENANT_ID

if TYPE_CHECKING:
    from mainhub.settings import Configuration

__all__ = ["run"]

_READY_WITHIN: Final = 60.0
_LOOK_EVERY: Final = 0.05
_FAILED: Final = 1


def run(*, config: Path | None, port: int | None, state: Path) -> int:
    """Run until Ctrl+C, SIGTERM or a fault that a restart cannot mend; return the exit code.

    Raises:
        MainHubError: settings, ports or state folder do not allow it.
    """
    with locked(state):
        found = configuration(config=config, port=port, state=state, environ=os.environ)
        ports = Ports(found.settings.hub.listen.port)
        for needed in (ports.hub, ports.simulator, ports.orders):
            bind(Address("127.0.0.1", needed)).close()
        # Every start begins fine; a child that is started again finds the faults as they were.
        faults_in(state).forget()
        conduct_in(state).forget()
        shared = ("--state", str(state.absolute()), "--port", str(ports.hub))
        drain = found.settings.hub.drain_timeout.total_seconds() + 2
        named = ("--config", str(config)) if config else ()
        children = [
            Child("hub", (*shared, *named), patience=drain),
            Child("simulator", shared),
            Child("orders", shared),
        ]
        return asyncio.run(_supervise(children, found, ports, state))


async def _supervise(
    children: list[Child], found: "Configuration", ports: Ports, state: Path
) -> int:
    supervisor = Supervisor(children, report=_report)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stop)
    async with asyncio.TaskGroup() as tasks:
        greeting = tasks.create_task(_greet(supervisor, found, ports, state))
        code = await supervisor.run()
        greeting.cancel()
    return code


async def _greet(supervisor: Supervisor, found: "Configuration", ports: Ports, state: Path) -> None:
    console = Console(highlight=False)
    for name in found.ignored:
        console.print(f"{name} is set and not used: mainhub dev stands on nothing but itself.")
    try:
        async with asyncio.timeout(_READY_WITHIN):
            await _answering(ports.hub, "/readyz")
            await _answering(ports.simulator, f"/{TENANT_ID}/v2.0/.well-known/openid-configuration")
            await _answering(ports.orders, "/healthz")
    except TimeoutError:
        _report(f"not ready after {_READY_WITHIN:g} s; stopping")
        supervisor.exit_code = _FAILED
        supervisor.stop()
        return
    supervisor.was_ready = True
    _print_greeting(console, supervisor, found, ports, state)


def _report(line: str) -> None:
    # To standard error, beside the children's logs; what a person reads first goes to output.
    sys.stderr.write(f"mainhub: {line}\n")


async def _answering(port: int, path: str) -> None:
    """Return once the process on *port* answers *path* with 200."""
    request = f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            status = await reader.readline()
            writer.close()
        except OSError:
            status = b""
        if b" 200 " in status:
            return
        await asyncio.sleep(_LOOK_EVERY)


def _print_greeting(
    console: Console, supervisor: Supervisor, found: "Configuration", ports: Ports, state: Path
) -> None:
    console.print(
        f"\n[bold]MainHub {__version__}[/bold] is ready: "
        f"[bold]{found.settings.hub.public_url}[/bold]\n"
    )
    accounts = Table(box=None, padding=(0, 2), title="Sign in as", title_justify="left")
    for title in ("Account", "Name", "Role"):
        accounts.add_column(title)
    for account in (one for one in ACCOUNTS if one.tenant == TENANT_ID):
        roles = ", ".join(account.roles) or "none"
        accounts.add_row(account.address.partition("@")[0], account.name, roles)
    console.print(accounts)
    processes = Table(box=None, padding=(0, 2), title="Running", title_justify="left")
    for title in ("Process", "Pid", "Address"):
        processes.add_column(title)
    pids = supervisor.pids
    addresses = {
        "hub": found.settings.hub.public_url,
        "simulator": f"http://127.0.0.1:{ports.simulator}",
        "orders": f"http://127.0.0.1:{ports.orders}",
    }
    for role, address in addresses.items():
        processes.add_row(role, str(pids.get(role, "starting")), address)
    console.print(processes)
    console.print(f"\n  Faults  http://127.0.0.1:{ports.simulator}/_sim")
    console.print(f"\nKept in {state}. Ctrl+C stops everything.\n")
