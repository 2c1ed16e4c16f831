"""OAuth parameters, from a query or a form: each at most once (RFC 6749, 3.1 and 3.2)."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from mainhub.simulator.errors import EntraError

_LONGEST_FORM: Final = 64 * 1024
_MOST_FIELDS: Final = 100


def query_parameters(request: Request) -> Mapping[str, str]:
    """Return the query of *request*; an empty value counts as absent.

    Raises:
        EntraError: a parameter stands there twice, or the query is no UTF-8.
    """
    return _parse(request.scope["query_string"])


async def form_parameters(request: Request) -> Mapping[str, str]:
    """Return the form in the body of *request*; an empty value counts as absent.

    Raises:
        EntraError: no form, a parameter twice, or more than 64 KiB.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise EntraError.malformed("The body must be application/x-www-form-urlencoded.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            raise EntraError.malformed("The body is too large.")
    return _parse(bytes(body))


def _parse(encoded: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as error:
        raise EntraError.malformed("The parameters are not form-encoded UTF-8.") from error
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise EntraError.malformed(f"The parameter '{name}' stands there more than once.")
        found[name] = value
    return {name: value for name, value in found.items() if value}
