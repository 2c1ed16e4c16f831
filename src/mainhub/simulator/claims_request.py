"""The ``claims`` parameter: what a resource demands of the next token (OIDC Core, 5.5)."""

import json
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from mainhub.simulator.errors import EntraError

STEP_UP: Final = "c1"
"""The authentication context that stands for a second factor."""
MFA: Final = "mfa"
CONSENT: Final = "consent"
_CONTEXT: Final = re.compile(r"c\d{1,2}\Z")
_LONGEST: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsRequest:
    """What is demanded of the person and told of the application.

    *contexts* are the authentication contexts (``acrs``) to satisfy, `MFA` among them when a
    policy is named (``capolids``); *not_before* is the time, in seconds since 1970, since which
    the person must have signed in; *capabilities* is what the application says it can do
    (``xms_cc``).
    """

    contexts: frozenset[str] = frozenset()
    capabilities: frozenset[str] = frozenset()
    not_before: int | None = None


def read_claims(text: str | None) -> ClaimsRequest:
    """Return what *text*, the parameter ``claims``, asks; absent asks nothing.

    Raises:
        EntraError: no JSON object, or one that nobody can satisfy.
    """
    if text is None:
        return ClaimsRequest()
    try:
        asked = json.loads(text) if len(text) <= _LONGEST else None
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise EntraError.malformed("The parameter 'claims' is no JSON object.")
    told = asked.get("access_token") or {}
    if not isinstance(told, dict):
        raise EntraError.malformed("The member 'access_token' of 'claims' is no JSON object.")
    contexts = frozenset(_values(told.get("acrs")))
    unknown = [name for name in contexts if _CONTEXT.match(name) is None]
    if unknown:
        raise EntraError.malformed(f"The authentication context '{unknown[0]}' is not known.")
    return ClaimsRequest(
        contexts=contexts | ({MFA} if "capolids" in told else frozenset()),
        capabilities=frozenset(_values(told.get("xms_cc"))),
        not_before=_moment(_values(told.get("nbf"))),
    )


def demanded_context(context: str) -> str:
    """Return the ``claims`` with which a resource demands *context*, as JSON."""
    return json.dumps({"access_token": {"acrs": {"essential": True, "value": context}}})


def demanded_since(moment: int) -> str:
    """Return the ``claims`` that demand a sign-in not before *moment*, as JSON."""
    return json.dumps({"access_token": {"nbf": {"essential": True, "value": str(moment)}}})


def demanded_policy() -> str:
    """Return the ``claims`` that a conditional-access policy demands, as JSON (unverified)."""
    policy = "4c4b5ab5-1f4e-4e4c-9a55-0a8c7f0d4b11"
    return json.dumps({"access_token": {"capolids": {"essential": True, "values": [policy]}}})


def encoded(claims: str) -> str:
    """Return *claims* as ``WWW-Authenticate`` carries them: in base64url, unpadded."""
    return urlsafe_b64encode(claims.encode()).decode().rstrip("=")


def _values(asked: object) -> list[str]:
    if not isinstance(asked, dict):
        return []
    values = asked.get("values", [asked["value"]] if "value" in asked else [])
    return [str(value) for value in values] if isinstance(values, list) else []


def _moment(values: list[str]) -> int | None:
    return int(values[0]) if values and values[0].isascii() and values[0].isdigit() else None
