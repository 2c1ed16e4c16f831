from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import PlainTextResponse

from mainhub.web import Edge, Hosts
from web.asgi_call import Answered, ask, scope_of

if TYPE_CHECKING:
    from mainhub.web.edge import Receive, Scope, Send

pytestmark = pytest.mark.anyio
LOCAL = "http://localhost:8080"


async def served(public_url: str, target: str = "/", **how: str | None) -> Answered:
    edge = Edge(PlainTextResponse("inside"), hosts=Hosts(public_url))
    return await ask(edge, target, **how)  # type: ignore[arg-type] # from a table


@pytest.mark.parametrize(
    ("public_url", "host"),
    [
        (LOCAL, "localhost:8080"),
        (LOCAL, "LocalHost:8080"),
        ("http://localhost", "localhost"),
        ("http://localhost", "localhost:80"),
        ("https://hub.example", "hub.example"),
        ("https://hub.example", "hub.example:443"),
        ("https://hub.example/", "hub.example"),
        ("https://hub.example:8443", "hub.example:8443"),
        ("http://[::1]:8080", "[::1]:8080"),
    ],
)
async def test_its_own_host_is_let_in(public_url: str, host: str) -> None:
    assert (await served(public_url, host=host)).body == b"inside"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8080", "127.0.0.2:8080", "[::1]:8080", "localhost", "localhost:9", "127.0.0.1"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_another_loopback_name_is_led_to_the_public_one(host: str, method: str) -> None:
    answer = await served(LOCAL, "/orders/%20x?status=late&a=%2F", host=host, method=method)
    assert answer.status == 307
    assert answer.header("location") == f"{LOCAL}/orders/%20x?status=late&a=%2F"
    assert answer.body == b""


async def test_nothing_but_reading_is_led_elsewhere() -> None:
    answer = await served(LOCAL, "/auth/logout", host="127.0.0.1:8080", method="POST")
    assert answer.problem_name == "misdirected"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "hub.example.evil.example",
        "hub.example:8443",
        "hub.example.",
        "localhost",
        "127.0.0.1",
        "xn--hub-example",
        "hub.example@evil.example",
        "evil.example/hub.example",
        "hub.example/@evil.example",
        "hub.example?evil",
        "hub.example#evil",
        "hub.example\\evil",
        "hub.example, evil.example",
        "hub.example evil.example",
        "hub.example\tevil",
        "hub.example:443:443",
        "hub.example:99999",
        "hub.example:x",
        "[::1",
        "[hub.example]",
        "",
        "\xbd",
    ],
)
async def test_a_foreign_host_is_refused_and_told_the_right_one(host: str) -> None:
    answer = await served("https://hub.example", host=host)
    assert (answer.status, answer.problem_name) == (421, "misdirected")
    assert answer.problem["remedy"] == "Go to https://hub.example/."
    assert b"evil" not in answer.body


async def test_a_request_without_host_is_refused() -> None:
    assert (await served(LOCAL, host=None)).problem_name == "invalid"


async def test_a_request_with_two_hosts_is_refused() -> None:
    edge = Edge(PlainTextResponse("inside"), hosts=Hosts(LOCAL))
    for second in ("localhost:8080", "evil.example"):
        answer = await ask(edge, "/", ("host", second), host="localhost:8080")
        assert answer.problem_name == "invalid"


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
@pytest.mark.parametrize("host", ["10.1.2.3:8080", None, "evil.example"])
async def test_probes_may_come_by_address(path: str, host: str | None) -> None:
    assert (await served("https://hub.example", path, host=host)).body == b"inside"


@pytest.mark.parametrize("path", ["/livez/", "/livezx", "/readyz/x", "//livez"])
async def test_nothing_beside_the_probes_is_exempt(path: str) -> None:
    assert (await served("https://hub.example", path, host="evil.example")).status == 421


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="?")))
async def test_a_redirect_never_leaves_the_hub(path: str) -> None:
    answered = Answered()

    async def send(message: dict[str, object]) -> None:
        answered.headers += message.get("headers", ())  # type: ignore[arg-type] # ASGI's head

    scope = scope_of("/", host="127.0.0.1:8080") | {"raw_path": path.encode()}
    assert await Hosts(LOCAL).settled(scope, send)  # type: ignore[arg-type] # takes any mapping
    location = dict(answered.headers)[b"location"].decode()  # type: ignore[index,attr-defined] # raw
    parts = urlsplit(urljoin(LOCAL, location))
    assert (parts.scheme, parts.netloc) == ("http", "localhost:8080")


async def test_the_host_of_other_protocols_is_left_to_the_application() -> None:
    seen: list[str] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    edge = Edge(app, hosts=Hosts(LOCAL))
    await edge({"type": "lifespan"}, None, None)  # type: ignore[arg-type] # never called
    assert seen == ["lifespan"]
