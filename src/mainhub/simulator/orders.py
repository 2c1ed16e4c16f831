"""The stand-in for a company's own service: orders, behind an access token of the tenant.

It knows nothing of MainHub, as no such service does: it trusts the issuer's keys, its own audience
and the roles in the token.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated, Final

import aiohttp
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from starlette.middleware import Middleware

from mainhub.simulator.bearer import (
    BearerTokens,
    Caller,
    InsufficientClaims,
    InsufficientScope,
    InvalidToken,
)
from mainhub.simulator.claims_request import STEP_UP, demanded_context, encoded
from mainhub.simulator.conduct import Conduct, Switch
from mainhub.simulator.order_book import Order, OrderBook, Status
from mainhub.simulator.published_keys import KeysUnavailable, PublishedKeys
from mainhub.simulator.security_headers import SecurityHeaders

READERS: Final = frozenset({"Admin", "Editor", "Employee"})
APPROVERS: Final = frozenset({"Admin", "Editor"})
_LISTED: Final = 6
_BETWEEN_EVENTS: Final = 0.2


class Article(BaseModel):
    """What was ordered, in both languages."""

    fr: str
    en: str


class OrderAnswer(BaseModel):
    """An order as the service tells it; *delivery* is a day, YYYY-MM-DD."""

    id: str
    article: Article
    status: Status
    delivery: str


class Counts(BaseModel):
    """How many orders are open, and how many of them ask for attention."""

    open: int
    to_approve: int
    late: int


class OrderList(BaseModel):
    """The newest open orders, and the counts over all open ones."""

    items: list[OrderAnswer]
    counts: Counts
    as_of: str


class Echo(BaseModel):
    """What of a request arrived here; the token itself is never repeated."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body_sha256: str
    body_length: int


def orders_app(*, issuer: str, audience: str, conduct: Conduct | None = None) -> FastAPI:
    """Return the orders service for tokens of *issuer* meant for *audience*.

    With *conduct* it demands claims when that is switched on, and hears of revocations.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as client:
            keys = PublishedKeys(issuer, client)
            app.state.tokens = BearerTokens(
                keys,
                issuer=issuer,
                audience=audience,
                revoked_since=(lambda _: None) if conduct is None else conduct.revoked_since,
            )
            yield

    app = FastAPI(
        title="Orders",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        middleware=[Middleware(SecurityHeaders)],
    )
    app.state.book = OrderBook()
    app.state.conduct = conduct
    app.include_router(_router)
    return app


async def _caller(request: Request) -> Caller:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        # RFC 6750, 3.1: who sends no token learns no error code.
        raise _refusal(HTTPStatus.UNAUTHORIZED, "An access token is needed.")
    tokens: BearerTokens = request.app.state.tokens
    try:
        caller = await tokens.check(token.strip())
        _require_context(request, caller)
    except InvalidToken as error:
        raise _refusal(HTTPStatus.UNAUTHORIZED, str(error), error="invalid_token") from error
    except InsufficientClaims as error:
        raise _refusal(
            HTTPStatus.UNAUTHORIZED,
            str(error),
            error="insufficient_claims",
            claims=encoded(error.claims),
        ) from error
    except InsufficientScope as error:
        raise _refusal(
            HTTPStatus.FORBIDDEN,
            "The token lacks the scope access_as_user.",
            error="insufficient_scope",
            scope="access_as_user",
        ) from error
    except KeysUnavailable as error:
        raise HTTPException(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The issuer's keys are not known yet.",
            headers={"Retry-After": "5"},
        ) from error
    return caller


def _require_context(request: Request, caller: Caller) -> None:
    """Demand the second factor of *caller*, where that is switched on."""
    conduct: Conduct | None = request.app.state.conduct
    demand = "none" if conduct is None else conduct.value(Switch.ORDERS_CLAIMS, oid=caller.oid)
    meant = demand == "all" or (demand == "approvals" and request.url.path.endswith("/approve"))
    if meant and STEP_UP not in caller.contexts:
        raise InsufficientClaims(
            "This needs a sign-in with a second factor.", demanded_context(STEP_UP)
        )


def _holder_of(roles: frozenset[str]) -> Callable[[Caller], Awaitable[Caller]]:
    async def check(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
        if not caller.roles & roles:
            raise HTTPException(
                HTTPStatus.FORBIDDEN, f"One of these roles is needed: {', '.join(sorted(roles))}."
            )
        return caller

    return check


def _refusal(status: HTTPStatus, sentence: str, **attributes: str) -> HTTPException:
    """Return a refusal with the challenge of RFC 6750, 3."""
    described = {"realm": "orders", **attributes}
    if "error" in attributes:
        described["error_description"] = sentence
    challenge = ", ".join(f'{name}="{value}"' for name, value in described.items())
    return HTTPException(status, sentence, headers={"WWW-Authenticate": f"Bearer {challenge}"})


def _book(request: Request) -> OrderBook:
    book: OrderBook = request.app.state.book
    return book


Reader = Annotated[Caller, Depends(_holder_of(READERS))]
Approver = Annotated[Caller, Depends(_holder_of(APPROVERS))]
Book = Annotated[OrderBook, Depends(_book)]

_router = APIRouter()


@_router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the service answers."""
    return {"status": "ok"}


@_router.get("/v1/orders")
async def list_orders(
    _: Reader, book: Book, limit: Annotated[int, Query(ge=1, le=50)] = _LISTED
) -> OrderList:
    """Return the newest open orders."""
    orders = book.open_orders()
    by_status = Counter(order.status for order in orders)
    return OrderList(
        items=[_told(order) for order in orders[:limit]],
        counts=Counts(
            open=len(orders),
            to_approve=by_status[Status.TO_APPROVE],
            late=by_status[Status.LATE],
        ),
        as_of=datetime.now(UTC).isoformat(timespec="seconds"),
    )


@_router.get("/v1/orders/stream")
async def stream_orders(
    _: Reader, book: Book, events: Annotated[int, Query(ge=1, le=100)] = 5
) -> StreamingResponse:
    """Return order after order as server-sent events, then the event ``end``."""

    async def frames() -> AsyncIterator[str]:
        orders = book.open_orders()
        for number in range(events):
            if number:
                await asyncio.sleep(_BETWEEN_EVENTS)
            told = _told(orders[number % len(orders)]).model_dump(mode="json")
            yield f"id: {number}\nevent: order\ndata: {json.dumps(told)}\n\n"
        yield "event: end\ndata: {}\n\n"

    return StreamingResponse(frames(), media_type="text/event-stream")


@_router.get("/v1/orders/{order_id}")
async def read_order(order_id: str, _: Reader, book: Book) -> OrderAnswer:
    """Return one order, open or not."""
    return _told(_found(book, order_id))


@_router.post("/v1/orders/{order_id}/approve")
async def approve_order(order_id: str, _: Approver, book: Book) -> OrderAnswer:
    """Approve an order that waits for it."""
    order = _found(book, order_id)
    if order.status is not Status.TO_APPROVE:
        raise HTTPException(HTTPStatus.CONFLICT, f"Order {order_id} does not wait for approval.")
    return _told(book.approve(order))


@_router.post("/v1/echo")
async def echo(request: Request, _: Reader) -> Echo:
    """Say what of the request arrived, however long its body is."""
    hashed, length = sha256(), 0
    async for chunk in request.stream():
        hashed.update(chunk)
        length += len(chunk)
    headers = {name.lower(): value for name, value in request.headers.items()}
    headers["authorization"] = "Bearer (not repeated)"
    return Echo(
        method=request.method,
        path=request.scope["raw_path"].decode("latin-1"),
        query=request.scope["query_string"].decode("latin-1"),
        headers=headers,
        body_sha256=hashed.hexdigest(),
        body_length=length,
    )


def _found(book: OrderBook, order_id: str) -> Order:
    order = book.find(order_id)
    if order is None:
        raise HTTPException(HTTPStatus.NOT_FOUND, f"There is no order {order_id}.")
    return order


def _told(order: Order) -> OrderAnswer:
    today = datetime.now(UTC).date()
    return OrderAnswer(
        id=order.id,
        article=Article(fr=order.fr, en=order.en),
        status=order.status,
        delivery=order.delivery(today).isoformat(),
    )
