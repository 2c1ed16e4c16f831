"""What ``mainhub dev`` keeps in its state folder, and the settings that follow from it."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote

from mainhub.errors import Conflict, Invalid
from mainhub.settings import Configuration, default_config, load
from mainhub.simulator import TENANT_ID, Conduct, Faults

__all__ = [
    "CLIENT_ID",
    "SERVICE_ID",
    "Ports",
    "Secrets",
    "conduct_in",
    "configuration",
    "faults_in",
    "folder",
    "locked",
    "secrets_in",
]

CLIENT_ID: Final = "0a1b2c3d-1000-4000-8000-6d61696e6875"
"""The application's id at the simulated tenant."""
SERVICE_ID: Final = "0a1b2c3d-2000-4000-8000-6e696768746c"
"""The id there of a program that calls the hub as itself."""
_FILE: Final = "dev.json"
_FAULTS: Final = "faults.json"
_CONDUCT: Final = "conduct.json"
_PORT: Final = 8080
_LAST_PORT: Final = 65535
_PORTS: Final = 3
_HERE: Final = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class Ports:
    """The three ports: the hub's own and the next two."""

    hub: int

    @property
    def simulator(self) -> int:
        """The simulated Entra."""
        return self.hub + 1

    @property
    def orders(self) -> int:
        """The sample service."""
        return self.hub + 2


@dataclass(frozen=True, slots=True)
class Secrets:
    """Made at the first start of a state folder, so that sessions outlive a restart."""

    client_secret: str = field(repr=False)
    secret_key: str = field(repr=False)

    @property
    def service_secret(self) -> str:
        """Return the secret of the program that signs in as itself."""
        return sha256(f"service {self.client_secret}".encode()).hexdigest()


def folder(named: str) -> Path:
    """Return the state folder that somebody *named*.

    Raises:
        Invalid: nothing is named; the folder that MainHub is started in is seldom meant by that.
    """
    if not named.strip():
        raise Invalid(
            "--state names no folder",
            remedy="Name one, or leave --state out: mainhub dev --state .mainhub",
        )
    return Path(named)


@contextmanager
def locked(state: Path) -> Iterator[None]:
    """Hold the state folder, made if absent, for one ``mainhub dev``.

    Raises:
        Conflict: another one holds it.
        Invalid: the folder cannot be made or written.
    """
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (state / "lock").open("a+")
    except OSError as error:
        raise Invalid(
            f"cannot write to the state folder {state}: {error.strerror}",
            remedy="Choose another one: mainhub dev --state DIR",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Conflict(
                f"another mainhub dev uses the state folder {state}",
                remedy="Stop it, or choose another folder: mainhub dev --state DIR",
            ) from error
        yield


def secrets_in(state: Path) -> Secrets:
    """Return the secrets of the state folder, made now if it has none.

    Raises:
        Invalid: the file is there but cannot be read.
    """
    path = state / _FILE
    if not path.exists():
        made = Secrets(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        new = path.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(made), file)
        new.replace(path)
        return made
    try:
        return Secrets(**json.loads(path.read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise Invalid(
            f"{path} cannot be read",
            remedy=f"Remove {path}; everybody must sign in again then.",
        ) from error


def faults_in(state: Path) -> Faults:
    """Return the faults on purpose of the simulator and of the orders service."""
    return Faults(state / _FAULTS)


def conduct_in(state: Path) -> Conduct:
    """Return how the simulator and the orders service behave on purpose."""
    return Conduct(state / _CONDUCT)


def configuration(
    *, config: Path | None, port: int | None, state: Path, environ: Mapping[str, str]
) -> Configuration:
    """Return the settings of ``mainhub dev``: its own below those of file and environment.

    Raises:
        Invalid: they are wrong, or not for one machine alone.
    """
    config = config or default_config()
    asked: dict[str, object] = {"hub": {"listen": f"127.0.0.1:{port}"}} if port else {}
    kept = secrets_in(state)

    def loaded(ports: Ports, simulated: dict[str, object]) -> Configuration:
        preset = _preset(ports, state.absolute(), kept, simulated)
        return load(
            config=config, environ=environ, preset=preset, vendor_names=False, overrides=asked
        )

    # Twice, since the port may be set anywhere, and the preset's addresses follow from it. The
    # first time without the simulator, which no hub in production would accept.
    first = loaded(Ports(port or _PORT), {}).settings.hub
    if first.listen.host not in _HERE:
        raise Invalid(
            f"mainhub dev listens on 127.0.0.1 only, and hub.listen is {first.listen}",
            remedy="Set it to 127.0.0.1:8080, or use mainhub serve with a real identity provider.",
        )
    if first.listen.port > _LAST_PORT - _PORTS + 1:
        raise Invalid(
            f"mainhub dev takes the hub's port and the next two, and hub.listen is {first.listen}",
            remedy=f"Choose a port up to {_LAST_PORT - _PORTS + 1}.",
        )
    if first.mode != "development":
        raise Invalid(
            "mainhub dev signs in anybody, so it never runs with hub.mode = production",
            remedy="Remove that setting, or use mainhub serve.",
        )
    ports = Ports(first.listen.port)
    if first.public_url != f"http://localhost:{ports.hub}":
        raise Invalid(
            f"mainhub dev answers at http://localhost:{ports.hub} only, and hub.public_url is "
            f"{first.public_url}",
            remedy="Remove that setting, or use mainhub serve with a real identity provider.",
        )
    simulated = f"http://127.0.0.1:{ports.simulator}"
    return loaded(
        ports,
        {"issuer": f"{simulated}/{TENANT_ID}/v2.0", "graph": f"{simulated}/graph"},
    )


def _preset(
    ports: Ports, state: Path, kept: Secrets, simulated: dict[str, object]
) -> dict[str, object]:
    return {
        "hub": {"mode": "development", "secret_keys": [kept.secret_key]},
        "database": {"url": f"sqlite+aiosqlite:///{quote(str(state / 'mainhub.db'))}"},
        "identity": {
            "entra": {
                "kind": "entra",
                "title": "Microsoft Entra ID (simulated)",
                "tenant": TENANT_ID,
                "client_id": CLIENT_ID,
                "client_secret": kept.client_secret,
                **simulated,
            }
        },
        "events": {
            "types": {
                "orders-changed": {
                    "type": "orders:changed",
                    "publish": ["Admin", "Editor"],
                    "audience": ["Admin", "Editor", "Employee"],
                    "summary": "Orders changed",
                }
            }
        },
        "gateway": {
            "services": {
                "orders": {
                    "upstreams": [f"http://127.0.0.1:{ports.orders}"],
                    "roles": ["Admin", "Editor", "Employee"],
                    "scopes": ["api://{client_id}/access_as_user"],
                    "response_timeout": "5s",
                    "health": "/healthz",
                    # So that one who breaks it on purpose need not wait a minute to see it heal.
                    "breaker": {"open_for": "5s", "open_max": "20s"},
                }
            }
        },
    }
