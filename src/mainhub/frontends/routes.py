"""The URLs of front-ends: ``/hub/v1/frontends``, the shell page on every free path, built files."""

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from mainhub.access import Decide, decide
from mainhub.errors import Unavailable
from mainhub.frontends.build import PREFIX, Build
from mainhub.frontends.port import Registry
from mainhub.frontends.resolution import resolve
from mainhub.frontends.shell import Shell
from mainhub.frontends.widget import Size
from mainhub.i18n import translate
from mainhub.identity import MissingRole, NotSignedIn
from mainhub.telemetry import current_trace, get_logger
from mainhub.web import (
    Caller,
    Guard,
    OnRefusal,
    Pages,
    Preferences,
    ProofDue,
    SessionsUnavailable,
    local_path,
    not_just_now,
    problems,
)

__all__ = ["BuiltFiles", "FrontendList", "FrontendRoutes"]

log = get_logger("frontends")

_RETRY_AFTER: Final = "5"
_FOREVER: Final = "public, max-age=31536000, immutable"


class WidgetEntry(BaseModel):
    """A card that the front-end offers for dashboards."""

    name: str
    titles: dict[str, str]
    summaries: dict[str, str]
    icon: str
    size: Size


class FrontendEntry(BaseModel):
    """A front-end that the person may open."""

    name: str
    titles: dict[str, str]
    icon: str
    order: int
    routes: list[str]
    url: str | None
    integrity: str | None
    widgets: list[WidgetEntry]


class FrontendList(BaseModel):
    """The person's front-ends, in the order of the navigation."""

    items: list[FrontendEntry]


class FrontendRoutes:
    """Makes the routers; *shell_pages* render ``shell.html``, *message_pages* ``message.html``."""

    def __init__(
        self,
        *,
        registry: Registry,
        shell: Shell,
        guard: Guard,
        shell_pages: Pages,
        message_pages: Pages,
        on_refusal: OnRefusal | None = None,
        decide: Decide = decide,
    ) -> None:
        self._registry = registry
        self._shell = shell
        self._guard = guard
        self._shell_pages = shell_pages
        self._message_pages = message_pages
        self._on_refusal = on_refusal
        self._decide = decide

    def router(self) -> APIRouter:
        """Return the control API's routes."""
        router = APIRouter(prefix="/hub/v1", tags=["front-ends"])
        router.add_api_route(
            "/frontends", self.frontends, summary="The front-ends that I may open, in order"
        )
        return router

    async def frontends(self, request: Request) -> FrontendList:
        """Return what the person's roles open."""
        caller = await self._guard.require(request)
        open_to = resolve(
            await self._registry.all(), caller.listed, "/", decide=self._decide
        ).open_to
        described = self._shell.describe(open_to)
        return FrontendList(items=[FrontendEntry.model_validate(entry) for entry in described])

    async def page(self, request: Request) -> Response:
        """Answer a free path: the shell for who is signed in, the way to sign in for others."""
        wants_page = "text/html" in request.headers.get("accept", "")
        try:
            caller = await self._guard.caller(request)
            if caller is None and not wants_page:
                raise NotSignedIn("this is open to signed-in people only")
            if caller is None:
                return _to_signin(request)
            caller.session_for("A page of the hub")
            return await self._shell_page(request, caller)
        except ProofDue:
            if not wants_page:
                raise
            return _to_signin(request)
        except Unavailable as error:
            if not wants_page:
                raise
            log.warning("shell.unavailable", caused_by=str(error))
            return self._unavailable(request, error)

    async def _shell_page(self, request: Request, caller: Caller) -> Response:
        path, known = request.scope["path"], await self._registry.all()
        resolution = resolve(known, caller.person, path, decide=self._decide)
        named = caller.named
        if (
            named is not None
            and resolution.refused
            and not (resolve(known, named, path, decide=self._decide).refused)
        ):
            # An administrator for whom nobody vouches just now is no refusal.
            raise not_just_now(caller)
        if caller.to_confirm:
            resolution = resolve(known, caller.listed, path, decide=self._decide)
        wanted = Preferences.of(request)
        status = 200
        if not resolution.found:
            status = problems.not_found("no front-end has this page").status
        elif resolution.refused:
            needs = tuple(resolution.refused.roles)
            if self._on_refusal is not None:
                await self._on_refusal(request, caller, MissingRole("a closed page", needs=needs))
            status = problems.missing_role("", needs=needs, remedy=None).status
        facts = self._shell.facts(caller, resolution, locale=wanted.locale, theme=wanted.theme)
        connect = self._shell.origins(resolution.open_to)
        return self._shell_pages.render(
            request, "shell.html", facts, status=status, connect=connect
        )

    def _unavailable(self, request: Request, error: Unavailable) -> Response:
        locale = Preferences.of(request).locale
        what = "sessions" if error.kind == SessionsUnavailable.kind else "database"
        facts = {
            "title": translate(locale, f"{what}.title"),
            "lead": translate(locale, f"{what}.lead"),
            "state": translate(locale, f"{what}.state"),
            "tone": "warn",
            "facts": [(translate(locale, "trace"), current_trace().trace_id)],
            "helps": [],
            "told": None,
            "actions": [(translate(locale, "retry"), local_path(_target(request)))],
        }
        status = problems.database_unavailable().status
        answer = self._message_pages.render(request, "message.html", facts, status=status)
        answer.headers["Retry-After"] = _RETRY_AFTER
        return answer


class BuiltFiles:
    """Serves the build from memory under ``/static/``; names carry a hash, so for ever."""

    def __init__(self, build: Build) -> None:
        self._files = build.files

    async def serve(self, request: Request) -> Response:
        """Return the file, packed where the browser takes it."""
        file = self._files.get(request.scope["path"].removeprefix(PREFIX))
        if file is None:
            return problems.response(problems.not_found("this hub has no such file"))
        headers = {
            "Cache-Control": _FOREVER,
            "ETag": file.etag,
            "Vary": "Accept-Encoding",
            "Content-Type": file.media_type,
        }
        # It may be a list, and a proxy that packs answers makes our tag a weak one.
        if file.etag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, headers={**headers, "Content-Encoding": "gzip"})
        return Response(file.content, headers=headers)


def _to_signin(request: Request) -> Response:
    target = quote(_target(request), safe="")
    return RedirectResponse(f"/auth/login?return_to={target}", status_code=303)


def _target(request: Request) -> str:
    # As it was sent: decoded, an escaped "?" or "é" would no longer be what the person asked for.
    path, query = request.scope["raw_path"], request.scope["query_string"]
    return bytes(path + (b"?" + query if query else b"")).decode("latin-1")
