"""Userinfo endpoints that lie, and a few that tell the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import RedirectResponse, Response

from signin.forged_with import without
from signin.hostile_provider import CLIENT_ID, Defect, Keys, b64, signed
from signin.hostile_transport import packed

if TYPE_CHECKING:
    from collections.abc import Callable

_LIE: dict[str, Any] = {
    "name": "Ada",
    "email": "ada@example.com",
    "roles": ["Admin"],
    "groups": ["all"],
    "iss": "https://evil.example",
    "tid": "evil",
}
_HEADER = {"alg": "RS256", "kid": "one"}


def _jwt(token: str) -> Response:
    return Response(token, media_type="application/jwt")


def _lying(name: str, userinfo: Callable[[dict[str, Any]], object]) -> Defect:
    return Defect(name, status=303, claims=without("name"), userinfo=userinfo)


def _signed_lie(
    head: dict[str, object] | None = None, **changes: object
) -> Callable[[dict[str, Any]], object]:
    def answer(honest: dict[str, Any]) -> object:
        claims = honest | {"name": "Ada", "aud": CLIENT_ID} | changes
        return _jwt(signed(_HEADER | (head or {}), claims, Keys.made().rsa))

    return answer


# What is told of somebody else, or by nobody known: none of it counts.
DROPPED = [
    _lying("signed-long-ago", _signed_lie(exp=1)),
    _lying("signed-until-a-word", _signed_lie(exp="later")),
    *(
        _lying(f"signed-as-{kind}", _signed_lie({"typ": kind}))
        for kind in ("logout+jwt", "at+jwt", "secevent+jwt", "application/at+jwt")
    ),
    _lying("oidcc-client-test-userinfo-invalid-sub", lambda _: _LIE | {"sub": "ada"}),
    _lying("sub-missing", lambda _: _LIE),
    _lying("sub-empty", lambda _: _LIE | {"sub": ""}),
    _lying("sub-in-a-list", lambda it: _LIE | {"sub": [it["sub"]]}),
    _lying("sub-in-capitals", lambda it: _LIE | {"sub": it["sub"].upper()}),
    _lying("sub-with-a-space", lambda it: _LIE | {"sub": f"{it['sub']} "}),
    _lying("a-list", lambda it: [_LIE | it]),
    _lying("a-page", lambda it: Response(orjson.dumps(_LIE | it), media_type="text/html")),
    _lying("garbage", lambda _: Response("{garbage")),
    _lying("empty", lambda _: Response("")),
    _lying("oversize", lambda it: _LIE | it | {"filling": "x" * (1 << 20)}),
    _lying("packed-oversize", lambda it: packed(_LIE | it | {"filling": "x" * (1 << 22)})),
    _lying("a-redirect", lambda _: RedirectResponse("https://evil.example/", 302)),
    _lying("not-found", lambda it: Response(orjson.dumps(_LIE | it), 404)),
    _lying("a-fault", lambda it: Response(orjson.dumps(_LIE | it), 500)),
    _lying("signed-for-another", _signed_lie(aud="another-client")),
    _lying("signed-by-another-issuer", _signed_lie(iss="https://evil.example")),
    _lying("signed-about-another", _signed_lie(sub="ada")),
    _lying("signed-by-a-thief", lambda it: _jwt(signed(_HEADER, _LIE | it, Keys.made().rsa_thief))),
    _lying(
        "signed-by-nobody",
        lambda it: _jwt(f"{b64(orjson.dumps({'alg': 'none'}))}.{b64(orjson.dumps(_LIE | it))}."),
    ),
    _lying("signed-but-a-text", lambda _: _jwt("no token at all")),
    _lying("signed-but-of-no-letters", lambda _: Response(b"\xff", media_type="application/jwt")),
]
# What is told of the same person gives them a name, and no more than that.
TAKEN = [
    _lying("oidcc-client-test-scope-userinfo-claims", lambda it: _LIE | it),
    _lying("oidcc-client-test-userinfo-signed", _signed_lie(roles=["Admin"])),
    _lying("packed", lambda it: packed(_LIE | it)),
]
