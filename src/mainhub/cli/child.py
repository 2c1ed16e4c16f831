"""What ``mainhub dev`` runs as its child processes: ``python -m mainhub.cli.child ROLE ...``."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mainhub.cli.lifeline import hold
from mainhub.cli.refusals import tell
from mainhub.errors import Invalid, MainHubError

__all__ = ["main"]


def main() -> int:
    """Run one role until a signal ends it; 2 if the settings do not allow it to start."""
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=("hub", "simulator", "orders"))
    parser.add_argument("--supervisor", type=int, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True, help="the hub's port")
    parser.add_argument("--config", type=Path)
    asked = parser.parse_args()
    hold(asked.supervisor)
    try:
        if asked.role == "hub":
            _hub(asked.config, asked.port, asked.state)
        elif asked.role == "simulator":
            _simulator(asked.port, asked.state)
        else:
            _orders(asked.port)
    except MainHubError as error:
        return tell(error)
    return 0


def _hub(config: Path | None, port: int, state: Path) -> None:
    from mainhub.cli.dev_state import configuration
    from mainhub.cli.serving import serve_configured

    serve_configured(configuration(config=config, port=port, state=state, environ=os.environ))


def _simulator(port: int, state: Path) -> None:
    from mainhub.cli.dev_state import CLIENT_ID, Ports, secrets_in
    from mainhub.simulator import Registration, entra_app

    ports = Ports(port)
    hub = f"http://localhost:{ports.hub}"
    registration = Registration(
        client_id=CLIENT_ID,
        client_secret=secrets_in(state).client_secret,
        redirect_uris=(f"{hub}/auth/callback/entra",),
        post_logout_redirect_uris=(f"{hub}/auth/signed-out",),
    )
    base_url = f"http://127.0.0.1:{ports.simulator}"
    kept = state / "entra"
    try:
        app = entra_app(base_url=base_url, state=kept, registration=registration)
    except (OSError, ValueError) as error:
        raise Invalid(
            f"what the simulated Entra keeps in {kept} cannot be read",
            remedy=f"Remove {kept}; everybody must sign in again then.",
        ) from error
    _serve(app, ports.simulator)


def _orders(port: int) -> None:
    from mainhub.cli.dev_state import CLIENT_ID, Ports
    from mainhub.simulator import TENANT_ID, orders_app

    ports = Ports(port)
    issuer = f"http://127.0.0.1:{ports.simulator}/{TENANT_ID}/v2.0"
    _serve(orders_app(issuer=issuer, audience=CLIENT_ID), ports.orders)


def _serve(app: Callable[..., Any], port: int) -> None:
    import uvicorn

    from mainhub.cli.sockets import bind
    from mainhub.settings import Address
    from mainhub.telemetry import configure

    configure(level="warning", output="console")
    listening = bind(Address("127.0.0.1", port))
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
    )
    server.run(sockets=[listening])


if __name__ == "__main__":
    sys.exit(main())
