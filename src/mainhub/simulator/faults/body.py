"""Reading what is sent to the desk: JSON of a program, or a form of its page."""

import json
from typing import Final, NoReturn
from urllib.parse import parse_qsl

from starlette.requests import Request

from mainhub.simulator.faults.problems import DeskProblem

_LARGEST: Final = 4096
_MOST_FIELDS: Final = 20


async def text_of(request: Request) -> str:
    """Return the body of *request* as text.

    Raises:
        DeskProblem: it is larger than anything that belongs here.
    """
    return (await _body(request)).decode("utf-8", "replace")


async def form_of(request: Request) -> dict[str, object]:
    """Return the fields of a form; what cannot be read has none."""
    try:
        return dict(parse_qsl(await text_of(request), max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


async def json_of(request: Request, *, sample: str) -> object:
    """Return the JSON in the body of *request*; a refusal shows *sample*.

    Raises:
        DeskProblem: another content type, no JSON, or too much of it.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise DeskProblem.no_json()
    body = await _body(request)
    try:
        document: object = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise DeskProblem.wrong_value("The body is no JSON", f"Send {sample}.") from None
    return document


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise DeskProblem.too_large(_LARGEST)
    return bytes(body)


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)
