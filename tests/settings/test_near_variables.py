from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.settings.environment import read_environment
from mainhub.settings.names import variable
from mainhub.settings.near_variables import variable_meant
from mainhub.settings.schema import paths, schema
from mainhub.settings.tree import Settings

ROOT = schema(Settings)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MAINHUB_HUB_LISTEN", "MAINHUB_HUB__LISTEN"),
        ("MAINHUB_HUB_LISTN", "MAINHUB_HUB__LISTEN"),
        ("MAINHUB_DATABASE_BUSY_TIMEOUT", "MAINHUB_DATABASE__BUSY_TIMEOUT"),
        ("MAINHUB_DATABASE_URL_FILE", "MAINHUB_DATABASE__URL_FILE"),
        (
            "MAINHUB_GATEWAY_SERVICES_MY_ORDERS_UPSTREAMS",
            "MAINHUB_GATEWAY__SERVICES__MY_ORDERS__UPSTREAMS",
        ),
        ("MAINHUB_HUB_SOMETHING", "MAINHUB_HUB__..."),
        ("MAINHUB_HUB", None),
        ("MAINHUB_HUBCAP_X", None),
        ("MAINHUB_E2E_BROWSER", None),
        ("MAINHUB_", None),
    ],
)
def test_tells_which_variable_was_meant(name: str, meant: str | None) -> None:
    assert variable_meant(name, ROOT) == meant


@pytest.mark.parametrize("path", sorted(paths(ROOT)))
def test_every_setting_is_recognised_with_one_underscore(path: tuple[str, ...]) -> None:
    if len(path) > 1:
        slip = variable(path).replace("__", "_")
        assert variable_meant(slip, ROOT) == variable(path)


@given(st.text(alphabet="ABHU_LISTEN0-é", max_size=60))
def test_any_name_is_read(rest: str) -> None:
    read_environment({f"MAINHUB_{rest}": "x", f"MAINHUB_GATEWAY_SERVICES_{rest}": "x"}, ROOT)


def test_a_slip_is_one_line_and_an_empty_one_none() -> None:
    found = read_environment({"MAINHUB_HUB_LISTEN": "x", "MAINHUB_HUB_MODE": ""}, ROOT)
    assert found.problems == [
        "environment MAINHUB_HUB_LISTEN: unknown; did you mean MAINHUB_HUB__LISTEN?"
    ]
