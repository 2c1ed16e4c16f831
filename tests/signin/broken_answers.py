"""Providers whose documents, token answers or redirects are wrong; nobody may be signed in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, RedirectResponse, Response

from signin.hostile_provider import Defect, Keys, public

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOSTILE_WORDS = "<script>alert(1)</script>\r\nSet-Cookie: mainhub=x " + "long " * 200
_LARGE = b'{"filling":"' + b"x" * (1 << 20) + b'"}'


def _fixed(answer: Callable[[], object]) -> Callable[[object], object]:
    return lambda _: answer()


def _always(answer: object) -> Callable[[], object]:
    return lambda: answer


def _but(name: str, value: object) -> Callable[[dict[str, Any]], object]:
    return lambda document: document | {name: value}


def _twice(name: str, first: object) -> Callable[[dict[str, Any]], object]:
    """Say *first*, then what is true; most readers keep the last."""

    def doubled(honest: dict[str, Any]) -> Response:
        said, rest = json.dumps({name: first}), json.dumps(honest)
        return Response(f"{said[:-1]},{rest[1:]}", media_type="application/json")

    return doubled


def _with_status(status: int) -> Callable[[dict[str, Any]], object]:
    elsewhere = {"Location": "https://evil.example/"}
    return lambda answer: JSONResponse(answer, status, elsewhere)


def _document_faults() -> Iterator[tuple[str, Callable[[], object]]]:
    yield "500", lambda: Response("<h1>fault</h1>", 500)
    yield "404", lambda: Response("nothing", 404)
    yield "garbage", lambda: Response("{garbage", 200)
    yield "empty", lambda: Response("", 200)
    yield "a-list", list
    yield "a-redirect", lambda: RedirectResponse("https://evil.example/", 302)
    yield "oversize", lambda: Response(_LARGE, 200)


def _discovery() -> Iterator[Defect]:
    def broken(name: str, discovery: Callable[[dict[str, Any]], object]) -> Defect:
        return Defect(name, status=503, at_start=True, discovery=discovery)

    yield broken(
        "oidcc-client-test-discovery-issuer-mismatch",
        lambda document: document | {"issuer": "https://evil.example"},
    )
    yield broken("discovery-issuer-with-a-slash", lambda it: it | {"issuer": it["issuer"] + "/"})
    yield broken("discovery-issuer-missing", lambda it: it | {"issuer": None})
    for name, fault in _document_faults():
        yield broken(f"discovery-{name}", _fixed(fault))
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        yield broken(f"discovery-without-{name}", _but(name, None))
        yield broken(f"discovery-two-{name}s", _twice(name, "https://evil.example/"))
    yield broken(
        "discovery-with-a-script",
        lambda it: it | {"authorization_endpoint": "javascript:alert(1)"},
    )
    yield broken("discovery-with-a-file", lambda it: it | {"jwks_uri": "file:///etc/passwd"})
    yield broken(
        "discovery-with-a-list", lambda it: it | {"token_endpoint": [it["token_endpoint"]]}
    )


def _addresses() -> Iterator[Defect]:
    """Yield addresses that are none: found out when they are asked, not when they are described."""
    for name, url in (
        ("without-an-end", "http://[::1/x"),
        ("of-no-port", "http://127.0.0.1:99999/x"),
        ("of-no-host", "http:///x"),
    ):
        for endpoint in ("token_endpoint", "jwks_uri"):
            yield Defect(f"{endpoint}-{name}", status=503, discovery=_but(endpoint, url))


def _key_sets() -> Iterator[Defect]:
    for name, fault in _document_faults():
        yield Defect(f"keys-{name}", status=503, keys=fault)
    for name, keys in (
        ("missing", {}),
        ("text", {"keys": "one"}),
        ("none", {"keys": []}),
        ("of-text", {"keys": ["one", None]}),
    ):
        yield Defect(f"keys-{name}", status=503, keys=_always(keys))


def _token_endpoint() -> Iterator[Defect]:
    for name, fault in _document_faults():
        yield Defect(f"token-endpoint-{name}", status=503, answer=_fixed(fault))
    for name in ("id_token", "access_token", "token_type"):
        yield Defect(f"token-endpoint-two-{name}s", status=503, answer=_twice(name, "x.y.z"))
    # Tokens in an answer that is no success are not believed either.
    for status in (302, 307, 400, 403):
        yield Defect(
            f"token-endpoint-{status}-with-tokens",
            status=503,
            answer=_with_status(status),
        )
    yield Defect(
        "token-endpoint-error-with-tokens",
        answer=lambda answer: answer | {"error": "invalid_grant"},
    )
    yield Defect(
        "token-endpoint-declines",
        answer=lambda _: JSONResponse(
            {"error": "invalid_grant", "error_description": HOSTILE_WORDS}, 400
        ),
    )
    yield Defect(
        "token-endpoint-declines-oddly",
        answer=lambda _: JSONResponse({"error": ["x"], "error_description": {"y": 1}}, 400),
    )


def _callbacks() -> Iterator[Defect]:
    def sent(
        name: str, *pairs: tuple[str, str], without: str = "", twice: str = "", **more: Any
    ) -> Defect:
        return Defect(
            f"callback-{name}",
            callback=lambda honest: [
                *((key, value) for key, value in honest.items() if key != without),
                *((key, value) for key, value in honest.items() if key == twice),
                *pairs,
            ],
            **more,
        )

    evil = ("iss", "https://evil.example")
    yield sent("iss-of-another", evil, without="iss", names_itself=True)
    yield sent("iss-of-another-unasked", evil)
    yield sent("iss-missing", without="iss", names_itself=True)
    yield sent("iss-empty", ("iss", ""), without="iss", names_itself=True)
    yield sent("iss-twice", evil, names_itself=True)
    yield sent("iss-twice-unasked", evil, evil)
    yield sent("iss-twice-and-once-empty", evil, ("iss", ""))
    yield sent("iss-twice-and-the-same", names_itself=True, twice="iss")
    yield sent("code-missing", without="code")
    yield sent("code-empty", ("code", ""), without="code")
    yield sent("code-unknown", ("code", "guessed"), without="code")
    yield sent("code-twice", ("code", "second"))
    yield sent("code-twice-and-the-same", twice="code")
    yield sent("error-twice", ("error", "access_denied"), ("error", "access_denied"))
    yield sent("error-twice-and-iss", *[("error", "server_error")] * 2, names_itself=True)
    yield sent("anything-twice", ("session_state", "a"), ("session_state", "b"))
    yield sent("state-missing", without="state", status=409)
    yield sent("state-empty", ("state", ""), without="state", status=409)
    yield sent("state-unknown", ("state", "x" * 43), without="state", status=409)
    yield sent("state-twice", ("state", "second"), status=409)
    yield sent("error", ("error", "access_denied"), without="code")
    yield sent("error-and-code", ("error", "access_denied"))
    yield sent("error-empty", ("error", ""))
    yield sent(
        "error-without-iss",
        ("error", "access_denied"),
        without="iss",
        names_itself=True,
    )
    yield sent(
        "error-hostile",
        ("error", "<b>error</b>"),
        ("error_description", HOSTILE_WORDS),
        without="code",
    )


def broken() -> list[Defect]:
    """Return every provider at which nobody may be signed in, whatever its tokens say."""
    return [*_discovery(), *_addresses(), *_key_sets(), *_token_endpoint(), *_callbacks()]


def unusual() -> Iterator[tuple[str, dict[str, object]]]:
    """Yield token answers that are odd, but no reason to refuse anybody."""
    for name, stated in (
        ("negative", -5),
        ("huge", 1e308),
        ("superscript", "²"),
        ("long-text", "9" * 400),
        ("true", True),
        ("a-list", [3600]),
        ("null", None),
    ):
        yield f"expires-in-{name}", {"expires_in": stated}
    yield "without-refresh-token", {"refresh_token": None}
    yield "error-null", {"error": None, "error_description": None}
    yield "with-unknown-members", {"surprise": {"x": [1]}}


def unused_keys() -> list[dict[str, object]]:
    """Return keys that stand in a provider's set and are none of ours."""
    made = Keys.made()
    return [
        public(made.rsa_next, use="enc"),
        {"kty": "a kind of tomorrow", "kid": "odd"},
        {"kty": ["RSA"], "kid": ["one"], "use": ["sig"]},
        {"kty": "OKP", "crv": ["Ed25519"], "kid": {}, "alg": []},
        public(made.ec),
    ]
