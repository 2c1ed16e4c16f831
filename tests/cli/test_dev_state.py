"""The settings of ``mainhub dev``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainhub.cli.dev_state import configuration
from mainhub.simulator import TENANT_ID

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_of_the_simulated_tenant_is_asked_elsewhere(tmp_path: Path) -> None:
    config = tmp_path / "mainhub.toml"
    config.write_text("")
    found = configuration(config=config, port=9300, state=tmp_path, environ={})
    entra = found.settings.identity["entra"]
    assert entra.issuer is not None
    assert entra.graph is not None
    simulated = entra.issuer.removesuffix(f"/{TENANT_ID}/v2.0")
    assert simulated.startswith("http://127.0.0.1:")
    assert entra.graph == f"{simulated}/graph"
    assert entra.guests == "refuse"
