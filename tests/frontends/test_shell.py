from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontends.served_shell import HTML, ServedShell
from frontends.some_frontends import DASHBOARD, frontend, widget
from mainhub.frontends.shell import _in_html
from web.scripted_people import signed_in

if TYPE_CHECKING:
    from mainhub.frontends import Registry

pytestmark = pytest.mark.anyio
FOREIGN = frontend(
    "sales",
    routes=("/sales",),
    url="https://sales.contoso.example:8443/main.js",
    integrity="sha384-FFFF",
)
HOSTILE = "</script><script>alert(1)</script><!--\u2028\u2029\"'&<"


@pytest.fixture
async def shell(registry: Registry) -> ServedShell:
    for known in (replace(DASHBOARD, widgets=(widget(),)), frontend(), FOREIGN):
        await registry.put(known)
    return ServedShell(registry, signed_in("Employee"))


async def test_the_boot_data_has_the_shape_that_the_shell_expects(shell: ServedShell) -> None:
    boot = (await shell.page("/")).boot
    trace = boot.pop("traceId")
    assert re.fullmatch(r"[0-9a-f]{32}", trace)
    assert [found["name"] for found in boot.pop("frontends")] == ["dashboard", "orders", "sales"]
    assert boot == {
        "version": "0.1.0",
        "mode": "production",
        "user": {
            "id": "t.ada",
            "name": "Ada",
            "email": "Ada@contoso.example",
            "roles": ["Employee"],
            "tenantId": "t",
            "guest": False,
        },
        "provider": {"name": "entra", "title": "Microsoft Entra ID"},
        "locale": "en",
        "theme": "system",
        "refused": None,
        "notFound": False,
        "support": "helpdesk@contoso.example",
        "modules": {"fluent": "/static/fluent-4d.js"},
        "session": {"expiresAt": "2100-01-01T00:00:00Z", "idleSeconds": 1800.0},
        "limits": {
            "loadSeconds": 8.0,
            "mountSeconds": 30.0,
            "attempts": 3,
            "maxLoaded": 5,
            "unloadAfterSeconds": 1800.0,
        },
    }


async def test_front_ends_say_where_their_module_is(shell: ServedShell) -> None:
    dashboard, orders, sales = (await shell.page("/")).boot["frontends"]
    assert dashboard == {
        "name": "dashboard",
        "titles": {"fr": "Accueil", "en": "Home"},
        "icon": "home",
        "order": 10,
        "routes": ["/"],
        "url": "/static/dashboard-5e.js",
        "integrity": "sha384-dAAA",
        "widgets": [
            {
                "name": "open",
                "titles": {"fr": "Mes commandes", "en": "My orders"},
                "summaries": {"fr": "Celles qui sont ouvertes", "en": "Those that are open"},
                "icon": "box",
                "size": "medium",
            }
        ],
    }
    assert (orders["url"], orders["integrity"]) == (None, None)
    assert (sales["url"], sales["integrity"]) == (FOREIGN.url, FOREIGN.integrity)


async def test_the_page_never_holds_the_sessions_secret(shell: ServedShell) -> None:
    answer = await shell.ask("/")
    assert b"s3cret-session-id" not in answer.body
    assert "s3cret-session-id" not in str(answer.headers)


async def test_hostile_names_stay_data(shell: ServedShell) -> None:
    shell.caller = signed_in("Employee", name=HOSTILE)
    shell.support = HOSTILE
    page = await shell.page("/")
    assert page.boot["user"]["name"] == HOSTILE
    assert page.boot["support"] == HOSTILE
    assert [found.get("type") for found, _ in page.scripts] == [
        "importmap",
        "module",
        "application/json",
    ]
    assert b"alert(1)</" not in page.answer.body
    assert "\u2028" not in page.answer.body.decode()


json_values = st.recursive(
    st.none() | st.booleans() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(json_values)
def test_any_data_survives_its_way_through_a_script_element(data: object) -> None:
    import json

    text = str(_in_html(data))
    assert not set(text) & set("<>&\u2028\u2029")
    assert json.loads(text) == data


async def test_the_import_map_vouches_for_every_built_module(shell: ServedShell) -> None:
    found = (await shell.page("/")).import_map
    assert found["imports"] == {
        "@mainhub/sdk": "/static/sdk-2b.js",
        "lit": "/static/lit-3c.js",
        "lit/decorators.js": "/static/lit-3c.js",
    }
    modules = {f"/static/{name}" for name in ("boot-1a.js", "sdk-2b.js", "lit-3c.js")}
    assert modules | {"/static/fluent-4d.js", "/static/dashboard-5e.js"} <= set(found["integrity"])


@pytest.mark.parametrize(
    ("url", "integrity"),
    [("/static/dashboard-5e.js", "sha384-dAAA"), (FOREIGN.url, FOREIGN.integrity)],
)
async def test_a_front_end_is_vouched_for_on_every_try(
    shell: ServedShell, url: str, integrity: str
) -> None:
    found = (await shell.page("/")).import_map["integrity"]
    tries = [url, *(f"{url}#retry-{number}" for number in (1, 2, 3))]
    assert [found[address] for address in tries] == [integrity] * 4


async def test_a_page_vouches_for_nothing_that_is_closed(shell: ServedShell) -> None:
    shell.caller = signed_in("USER")
    page = await shell.page("/")
    assert str(FOREIGN.url) not in page.answer.body.decode()
    assert "sales.contoso.example" not in page.policy
    assert [found["name"] for found in page.boot["frontends"]] == ["dashboard"]


async def test_a_page_may_fetch_from_the_origins_of_its_front_ends(shell: ServedShell) -> None:
    local = frontend("local", routes=("/local",), url="http://localhost:5173/a/b.js?x=1")
    await shell.registry.put(local)
    page = await shell.page("/")
    expected = "connect-src 'self' http://localhost:5173 https://sales.contoso.example:8443;"
    assert expected in page.policy


async def test_everything_that_runs_carries_the_nonce(shell: ServedShell) -> None:
    page = await shell.page("/")
    running = [found for found, _ in page.scripts if found.get("type") != "application/json"]
    assert [found["nonce"] for found in running] == [page.nonce] * 2
    preloads = [link for link in page.links if link["rel"] == "modulepreload"]
    assert preloads
    assert {link["nonce"] for link in preloads} == {page.nonce}
    known = page.import_map["integrity"]
    assert [link.get("integrity") for link in preloads] == [
        known.get(link["href"] or "") for link in preloads
    ]
    assert not [name for _, found in page.elements for name in found if name.startswith("on")]
    assert not [found for _, found in page.elements if "style" in found]


async def test_the_boot_module_comes_with_its_integrity(shell: ServedShell) -> None:
    page = await shell.page("/")
    (boot,) = [found for found, _ in page.scripts if found.get("type") == "module"]
    assert (boot["src"], boot["integrity"]) == ("/static/boot-1a.js", "sha384-bAAA")
    sheets = [link["href"] for link in page.links if link["rel"] == "stylesheet"]
    assert sheets == ["/static/shell-6f.css"]


async def test_the_page_is_in_the_persons_language_and_theme(shell: ServedShell) -> None:
    page = await shell.page("/", HTML, ("cookie", "mainhub-locale=fr; mainhub-theme=dark"))
    assert (page.boot["locale"], page.boot["theme"]) == ("fr", "dark")
    html = page.attributes("html")
    assert (html["lang"], html["data-theme"]) == ("fr", "dark")
    assert "data-theme" not in (await shell.page("/")).attributes("html")
    assert ("div", {"id": "mainhub-root"}) in page.elements
