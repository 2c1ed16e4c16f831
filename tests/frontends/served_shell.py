"""The shell page as its routes answer it, with people and front-ends of the test's choice."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from typing_extensions import override

from frontends.made_up_build import made_up_build
from mainhub.access import require
from mainhub.frontends import Shell, ShellLimits
from mainhub.frontends.routes import FrontendRoutes
from mainhub.web import Edge, Guard, Hosts, Pages
from web.asgi_call import Answered, ask
from web.scripted_people import Scripted

if TYPE_CHECKING:
    from mainhub.frontends import Build, Registry
    from mainhub.web import Caller
    from mainhub.web.edge import Receive, Scope, Send

HTML = ("accept", "text/html,application/xhtml+xml")


def made_up_shell(build: Build, *, support: str | None = None) -> Shell:
    return Shell(
        build,
        version="0.1.0",
        mode="production",
        support=support,
        provider_titles={"entra": "Microsoft Entra ID"},
        idle=timedelta(minutes=30),
        limits=ShellLimits(),
    )


@dataclass
class ServedShell:
    """Answers as the hub does on every path that no other room has."""

    registry: Registry
    caller: Caller | Exception | None
    support: str | None = "helpdesk@contoso.example"

    def routes(self) -> FrontendRoutes:
        shell = made_up_shell(made_up_build(), support=self.support)
        facts = {"styles": "/static/p.css", "icon": "/static/i.svg", "host": "hub.example"}
        return FrontendRoutes(
            registry=self.registry,
            shell=shell,
            guard=Guard(Scripted(self.caller), own_origin="https://hub.example", judge=require),
            shell_pages=Pages("mainhub.frontends", {}),
            message_pages=Pages("mainhub.web", facts),
        )

    async def ask(self, target: str = "/", *headers: tuple[str, str]) -> Answered:
        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            response = await self.routes().page(Request(scope, receive))
            await response(scope, receive, send)

        edge = Edge(app, hosts=Hosts("https://hub.example"))
        return await ask(edge, target, *(headers or (HTML,)))

    async def page(self, target: str = "/", *headers: tuple[str, str]) -> ShellPage:
        return ShellPage.read(await self.ask(target, *headers))


@dataclass
class ShellPage:
    """What a browser finds in the page."""

    answer: Answered
    scripts: list[tuple[dict[str, str | None], str]] = field(default_factory=list)
    links: list[dict[str, str | None]] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)

    @classmethod
    def read(cls, answer: Answered) -> ShellPage:
        page = cls(answer)
        reader = _Reader(page)
        reader.feed(answer.body.decode())
        reader.close()
        return page

    @property
    def boot(self) -> dict[str, Any]:
        (text,) = [text for found, text in self.scripts if found.get("id") == "mainhub-boot"]
        document: dict[str, Any] = json.loads(text)
        return document

    @property
    def import_map(self) -> dict[str, dict[str, str]]:
        (text,) = [text for found, text in self.scripts if found.get("type") == "importmap"]
        document: dict[str, dict[str, str]] = json.loads(text)
        return document

    @property
    def policy(self) -> str:
        return self.answer.header("content-security-policy") or ""

    @property
    def nonce(self) -> str:
        (nonce,) = set(re.findall(r"'nonce-([\w-]+)'", self.policy))
        return str(nonce)

    def attributes(self, tag: str) -> dict[str, str | None]:
        (found,) = [attributes for name, attributes in self.elements if name == tag]
        return found


class _Reader(HTMLParser):
    def __init__(self, page: ShellPage) -> None:
        super().__init__()
        self._page = page
        self._script: tuple[dict[str, str | None], str] | None = None

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._page.elements.append((tag, attributes))
        if tag == "script":
            self._script = (attributes, "")
        elif tag == "link":
            self._page.links.append(attributes)

    @override
    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script = (self._script[0], self._script[1] + data)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            self._page.scripts.append(self._script)
            self._script = None
