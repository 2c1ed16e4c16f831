"""Whether an id_token proves what was asked for: the browser may have struck it out on the way."""

from collections.abc import Mapping

import orjson

from mainhub.signin.failures import AnswerRefused
from mainhub.signin.flows import Flow
from mainhub.signin.signed_token import LEEWAY, Claims, stated_time

__all__ = ["require_asked"]


def require_asked(claims: Claims, flow: Flow) -> None:
    """Return if *claims* prove what *flow* asked for, as far as an id_token says (RFC 9470).

    What an access token has to prove is for the service to see that it is for. A provider that
    says nothing of when the person proved who they are is believed.

    Raises:
        AnswerRefused: the person was not asked again, or not for what is essential.
    """
    signed_in_before = (
        flow.anew
        and claims.get("auth_time") is not None
        and stated_time(claims, "auth_time") + LEEWAY < flow.begun_at
    )
    if signed_in_before:
        raise AnswerRefused("the provider did not ask the person again who they are")
    wanted = _essential_levels(flow.claims)
    if wanted and claims.get("acr") not in wanted:
        raise AnswerRefused("the id_token does not prove what was asked for")


def _essential_levels(asked: str | None) -> list[object]:
    """Return which ``acr`` will do (Core, section 5.5.1.1); none: any."""
    found: object = None if asked is None else orjson.loads(asked)
    for name in ("id_token", "acr"):
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping) or found.get("essential") is not True:
        return []
    values = found.get("values")
    return (
        list(values) if isinstance(values, list) else [found["value"]] if "value" in found else []
    )
