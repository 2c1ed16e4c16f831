"""What ``mainhub dev`` runs as its child processes: ``python -m mainhub.cli.child ROLE ...``."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mainhub.cli.lifeline import hold
from mainhub.cli.refusals import UNAVAILABLE, tell
from mainhub.errors import Invalid, MainHubError, Unavailable

if TYPE_CHECKING:
    from mainhub.simulator import FaultDesk, Faults, Faulty, Registration, Target

__all__ = ["main"]


def main() -> int:
    """Run one role until a signal ends it.

    Returns 2 if the settings do not allow it to start, 75 if something behind it does not answer.
    """
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
            _orders(asked.port, asked.state)
    except Unavailable as error:
        tell(error)
        return UNAVAILABLE
    except MainHubError as error:
        return tell(error)
    return 0


def _hub(config: Path | None, port: int, state: Path) -> None:
    from mainhub.cli.dev_state import configuration
    from mainhub.cli.serving import serve_configured

    serve_configured(configuration(config=config, port=port, state=state, environ=os.environ))


def _simulator(port: int, state: Path) -> None:
    from mainhub.cli.dev_state import Ports, conduct_in, faults_in
    from mainhub.simulator import FaultDesk, Faulty, Target, entra_app

    ports, registration = Ports(port), _registration(port, state)
    base_url = f"http://127.0.0.1:{ports.simulator}"
    kept = state / "entra"
    try:
        app = entra_app(
            base_url=base_url, state=kept, registration=registration, conduct=conduct_in(state)
        )
    except (OSError, ValueError) as error:
        raise Invalid(
            f"what the simulated Entra keeps in {kept} cannot be read",
            remedy=f"Remove {kept}; everybody must sign in again then.",
        ) from error
    faults = faults_in(state)
    faulty = Faulty(app, faults=faults, target=Target.ENTRA)
    desk = FaultDesk(faulty, faults=faults, orders_port=ports.orders, deeds=app.state.deeds)
    _serve(desk, ports.simulator, faults=faults, target=Target.ENTRA)


def _registration(port: int, state: Path) -> "Registration":
    """Return the hub as the tenant knows it, and what else is registered there."""
    from mainhub.cli.dev_state import CLIENT_ID, SERVICE_ID, secrets_in
    from mainhub.simulator import Api, Registration, ServiceApplication

    hub, kept = f"http://localhost:{port}", secrets_in(state)
    return Registration(
        client_id=CLIENT_ID,
        client_secret=kept.client_secret,
        redirect_uris=(f"{hub}/auth/callback/entra",),
        post_logout_redirect_uris=(f"{hub}/auth/signed-out",),
        frontchannel_logout_uri=f"{hub}/auth/frontchannel/entra",
        backchannel_logout_uri=f"{hub}/auth/backchannel/entra",
        services=(
            ServiceApplication(
                client_id=SERVICE_ID,
                name="Nightly report",
                client_secret=kept.service_secret,
                roles=("Employee",),
            ),
        ),
        apis=(
            Api(
                uri="api://billing.hautemer.example",
                client_id="0a1b2c3d-3000-4000-8000-62696c6c696e",
                scopes=("Bills.Read", "Bills.Write"),
            ),
        ),
    )


def _orders(port: int, state: Path) -> None:
    from mainhub.cli.dev_state import CLIENT_ID, Ports, conduct_in, faults_in
    from mainhub.simulator import TENANT_ID, Faulty, Target, orders_app

    ports, faults = Ports(port), faults_in(state)
    issuer = f"http://127.0.0.1:{ports.simulator}/{TENANT_ID}/v2.0"
    app = orders_app(issuer=issuer, audience=CLIENT_ID, conduct=conduct_in(state))
    faulty = Faulty(app, faults=faults, target=Target.ORDERS)
    _serve(faulty, ports.orders, faults=faults, target=Target.ORDERS)


def _serve(app: "FaultDesk | Faulty", port: int, *, faults: "Faults", target: "Target") -> None:
    from mainhub.cli.sockets import bind
    from mainhub.settings import Address
    from mainhub.simulator import FaultyServer
    from mainhub.telemetry import configure

    configure(level="warning", output="console")
    here = Address("127.0.0.1", port)
    FaultyServer(app, faults=faults, target=target, bind=lambda: bind(here)).run()


if __name__ == "__main__":
    sys.exit(main())
