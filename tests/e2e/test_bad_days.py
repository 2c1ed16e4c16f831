"""What people see on a bad day: each such screen is readable in both languages and both themes."""

import asyncio
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from cli.mainhub_process import answers, mainhub, wait_until
from e2e.bundles import HEALTHY, bundles
from e2e.chromium import Watched, opened
from e2e.conftest import Dev
from e2e.looks import assert_accessible
from e2e.people import NAMES, sign_in, sign_out
from e2e.test_orders_service import stopped
from house.isolation import free_ports
from mainhub.audit import AuditLog
from mainhub.clock import SystemClock
from mainhub.frontends import Frontend
from mainhub.frontends.sql import SqlRegistry
from mainhub.simulator import TENANT_ID, Registration, entra_app
from mainhub.storage import Database

LATER = HEALTHY + (
    "addEventListener('break', () => { setTimeout(() => { throw new Error('later'); }, 0); });"
)
CLIENT, SECRET = "hub-at-the-partner", "a secret of the partner's"
SOON = 30_000


def without_logout(app: ASGIApp, base_url: str) -> ASGIApp:
    """Wrap the simulated tenant as a provider that cannot end its own session."""
    root = f"{base_url}/{TENANT_ID}"
    discovery = {
        "issuer": f"{root}/v2.0",
        "authorization_endpoint": f"{root}/oauth2/v2.0/authorize",
        "token_endpoint": f"{root}/oauth2/v2.0/token",
        "jwks_uri": f"{root}/discovery/v2.0/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].endswith("/openid-configuration"):
            await JSONResponse(discovery)(scope, receive, send)
        else:
            await app(scope, receive, send)

    return served


@contextmanager
def partner(port: int, *, hub: int, state: Path) -> Iterator[None]:
    base_url = f"http://127.0.0.1:{port}"
    registration = Registration(
        client_id=CLIENT,
        client_secret=SECRET,
        redirect_uris=(f"http://localhost:{hub}/auth/callback/partner",),
        post_logout_redirect_uris=(f"http://localhost:{hub}/auth/signed-out",),
    )
    app = entra_app(base_url=base_url, state=state, registration=registration)
    server = uvicorn.Server(
        uvicorn.Config(
            without_logout(app, base_url), port=port, log_config=None, timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        address = f"{base_url}/{TENANT_ID}/v2.0/.well-known/openid-configuration"
        wait_until(lambda: answers(address), what="the partner's provider")
        yield
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def unlucky(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """A hub with three providers, of which one is down and one knows no signing out."""
    folder, port = tmp_path_factory.mktemp("unlucky"), free_ports(5)
    down, there = port + 3, port + 4
    environ = {"MAINHUB_GATEWAY__SERVICES__ORDERS__RESPONSE_TIMEOUT": "1s"}
    for name, issuer in (
        ("PARTNER", f"http://127.0.0.1:{there}/{TENANT_ID}/v2.0"),
        ("DOWN", f"http://127.0.0.1:{down}"),
    ):
        environ |= {
            f"MAINHUB_IDENTITY__{name}__KIND": "oidc",
            f"MAINHUB_IDENTITY__{name}__TITLE": f"Provider {name.lower()}",
            f"MAINHUB_IDENTITY__{name}__ISSUER": issuer,
            f"MAINHUB_IDENTITY__{name}__CLIENT_ID": CLIENT,
            f"MAINHUB_IDENTITY__{name}__CLIENT_SECRET": SECRET,
        }
    with (
        partner(there, hub=port, state=folder / "partner"),
        bundles() as found,
        mainhub("dev", "--port", str(port), cwd=folder, environ=environ) as running,
    ):
        running.line_with("Ctrl+C stops everything")
        dev = Dev(running, port, folder / ".mainhub")
        found.scripts["late"] = LATER
        gone = f"http://127.0.0.1:{down}/gone.js"
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(asyncio.run, _register(dev, found.url("late"), gone)).result()
        yield dev


async def _register(dev: Dev, late: str, gone: str) -> None:
    database = Database(dev.database_url)
    registry = SqlRegistry(database, clock=SystemClock(), audit=AuditLog(database, SystemClock()))
    for name, url, role in (("late", late, "*"), ("gone", gone, "*"), ("vault", late, "Admin")):
        await registry.put(
            Frontend(
                name=name,
                titles={"fr": f"Application {name}", "en": f"Application {name}"},
                icon="box",
                routes=(f"/{name}",),
                roles=(role,),
                url=url,
            )
        )
    await database.aclose()


@contextmanager
def database_broken(dev: Dev) -> Iterator[None]:
    """Take the table of sign-ins away for a while."""

    async def renamed(old: str, new: str) -> None:
        database = Database(dev.database_url, busy_timeout=timedelta(seconds=30))
        async with database.write() as connection:
            await connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
        await database.aclose()

    def rename(old: str, new: str) -> None:
        # Playwright keeps this thread's loop for itself.
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(asyncio.run, renamed(old, new)).result()

    rename("signin_flow", "signin_flow_away")
    try:
        yield
    finally:
        rename("signin_flow_away", "signin_flow")


@pytest.fixture(params=["en", "fr"])
def person(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Watched]:
    with opened(browser, locale=request.param) as watched:
        yield watched
        watched.page.goto("about:blank")
        watched.assert_clean()


def assert_accessible_in_both_themes(page: Page) -> None:
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme="light" if theme == "light" else "dark")
        assert_accessible(page)


def test_pages_without_a_shell_are_accessible(unlucky: Dev, person: Watched) -> None:
    page, auth = person.page, f"{unlucky.url}/auth"
    person.expects(404, 409, 503)
    page.goto(f"{auth}/login")
    expect(page.get_by_role("link", name=re.compile("Provider down"))).to_be_visible()
    assert_accessible_in_both_themes(page)
    for path in ("/callback/entra?state=x&code=y", "/login?idp=down", "/login?idp=nobody"):
        answer = page.goto(auth + path)
        assert answer is not None
        assert answer.status >= 400
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_accessible_in_both_themes(page)
    with database_broken(unlucky):
        page.goto(f"{auth}/login?idp=entra")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert_accessible_in_both_themes(page)


def test_screens_in_the_shell_are_accessible(unlucky: Dev, visitor: Watched) -> None:
    page = visitor.page
    visitor.expects(403, 504, "ERR_CONNECTION_REFUSED")
    sign_in(page, f"{unlucky.url}/auth/login?idp=entra")
    card = page.get_by_test_id("orders-card")
    expect(card).to_have_attribute("data-state", "fresh", timeout=SOON)
    with stopped(unlucky.pid("orders")):
        page.reload()
        expect(card).to_have_attribute("data-state", "failed", timeout=SOON)
        assert_accessible_in_both_themes(page)
    page.goto(f"{unlucky.url}/vault")
    expect(page.get_by_test_id("refused-page")).to_be_visible()
    assert_accessible_in_both_themes(page)
    page.goto(f"{unlucky.url}/gone")
    expect(page.get_by_test_id("failure-panel")).to_be_visible(timeout=SOON)
    assert_accessible_in_both_themes(page)
    page.goto(f"{unlucky.url}/late")
    expect(page.get_by_role("heading", level=1)).to_have_text("late is well")
    page.evaluate("dispatchEvent(new Event('break'))")
    expect(page.get_by_test_id("late-banner")).to_be_visible()
    assert_accessible_in_both_themes(page)
    visitor.faults[:] = [fault for fault in visitor.faults if "later" not in fault]


def test_a_card_that_is_refused_is_accessible(unlucky: Dev, person: Watched) -> None:
    person.expects(403)
    sign_in(person.page, f"{unlucky.url}/auth/login?idp=entra", "alan")
    expect(person.page.get_by_test_id("orders-refused")).to_be_visible()
    assert_accessible_in_both_themes(person.page)


def test_a_database_that_fails_is_told_to_people_and_to_programs(
    unlucky: Dev, visitor: Watched
) -> None:
    page, login = visitor.page, f"{unlucky.url}/auth/login?idp=entra"
    visitor.expects(503)
    page.goto(login)
    with database_broken(unlucky):
        with page.expect_response(re.compile("/auth/callback/entra")) as called:
            page.get_by_role("button", name=NAMES["linus"]).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert called.value.status == 503
        assert "text/html" in called.value.headers["content-type"]
        answer = page.goto(login)
        assert answer is not None
        assert answer.status == 503
        assert "text/html" in answer.headers["content-type"]
        for url in (login, called.value.url):
            told = visitor.context.request.get(url, headers={"Accept": "application/json"})
            assert told.status == 503
            assert told.headers["content-type"] == "application/problem+json"
            assert told.json()["type"] == "urn:mainhub:problem:database-unavailable"
    sign_in(page, login)


@pytest.mark.parametrize(
    ("provider", "told"),
    [
        ("entra", "The session has ended here and at the identity provider"),
        ("partner", "own may still last"),
    ],
)
def test_the_signed_out_page_says_where_the_session_ended(
    unlucky: Dev, visitor: Watched, provider: str, told: str
) -> None:
    # The orders service trusts one provider only.
    visitor.expects(502)
    sign_in(visitor.page, f"{unlucky.url}/auth/login?idp={provider}")
    sign_out(visitor.page)
    expect(visitor.page).to_have_url(re.compile(r"/auth/signed-out"))
    expect(visitor.page.get_by_text(told)).to_be_visible()
