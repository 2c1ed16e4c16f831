"""Answers whose way is the attack: slow, long, packed, cut off, sent elsewhere or mislabelled."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import RedirectResponse, Response, StreamingResponse

from signin.hostile_provider import Defect, Keys, public

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

JSON = "application/json"
# 64 MiB of blanks before an answer: 64 KiB on the wire.
_BLANKS = 64 << 20


def packed(answer: object, coding: str = "gzip") -> Response:
    """Return *answer* as JSON, compressed."""
    plain = orjson.dumps(answer)
    body = gzip.compress(plain) if coding == "gzip" else zlib.compress(plain)
    return Response(body, media_type=JSON, headers={"Content-Encoding": coding})


def in_drops(answer: object, seconds: float) -> Response:
    """Return *answer* in pieces, one each so many *seconds*."""

    async def pieces() -> AsyncIterator[bytes]:
        whole = orjson.dumps(answer)
        for start in range(0, len(whole), 64):
            yield whole[start : start + 64]
            await asyncio.sleep(seconds)

    return StreamingResponse(pieces(), media_type=JSON)


def _bomb(answer: object) -> Response:
    packer = zlib.compressobj(wbits=31)
    parts = [packer.compress(b" " * (1 << 20)) for _ in range(_BLANKS >> 20)]
    body = b"".join([*parts, packer.compress(orjson.dumps(answer)), packer.flush()])
    return Response(body, media_type=JSON, headers={"Content-Encoding": "gzip"})


def _within(answer: object) -> Response:
    inner = gzip.compress(gzip.compress(orjson.dumps(answer)))
    return Response(inner, media_type=JSON, headers={"Content-Encoding": "gzip"})


def _mislabelled(answer: object) -> Response:
    return Response(orjson.dumps(answer), headers={"Content-Encoding": "gzip"}, media_type=JSON)


def _cut_off(answer: object) -> Response:
    return Response(orjson.dumps(answer)[:-1], media_type=JSON)


def _written(before: bytes = b"", after: bytes = b"") -> Callable[[object], Response]:
    return lambda answer: Response(before + orjson.dumps(answer) + after, media_type=JSON)


def _encoded(charset: str) -> Callable[[object], Response]:
    return lambda answer: Response(orjson.dumps(answer).decode().encode(charset), media_type=JSON)


def _ways() -> Iterator[tuple[str, Callable[[object], Response]]]:
    """Yield what spoils any document, whatever it says."""
    yield "a-bomb", _bomb
    yield "packed-twice", _within
    yield "packed-in-name-only", _mislabelled
    yield "cut-off", _cut_off
    yield "after-a-byte-order-mark", _written(b"\xef\xbb\xbf")
    yield "before-a-second-document", _written(after=b"{}")
    yield "in-a-call", _written(b"callback(", b")")
    yield "behind-a-guard", _written(b")]}',\n")
    yield "with-a-comment", _written(b"/* honest */")
    yield "in-a-list", _written(b"[", b"]")
    yield "in-utf16", _encoded("utf-16")
    yield "in-utf32", _encoded("utf-32")
    yield "of-a-megabyte-of-blanks", _written(b" " * (1 << 20))
    yield "as-a-page", lambda answer: Response(orjson.dumps(answer), media_type="text/html")
    yield "nested-deeply", lambda _: Response(b'{"a":' * 5_000 + b"1" + b"}" * 5_000)
    for status in (201, 202, 203, 204, 206, 300, 301, 303, 308):
        yield f"with-{status}", _with_status(status)


def _with_status(status: int) -> Callable[[object], Response]:
    def answered(answer: object) -> Response:
        # 204 has no body.
        body = b"" if status == 204 else orjson.dumps(answer)
        return Response(body, status, {"Location": "/elsewhere"}, JSON)

    return answered


def _honest_keys() -> object:
    return {"keys": [public(Keys.made().rsa)]}


def _key_set(way: Callable[[object], Response]) -> Callable[[], object]:
    return lambda: way(_honest_keys())


def _not_a_number(answer: dict[str, Any]) -> Response:
    body = orjson.dumps(answer)[:-1] + b',"expires_at":NaN}'
    return Response(body, media_type=JSON)


def _elsewhere(_: object) -> Response:
    return RedirectResponse("http://127.0.0.1:9/", 307)


def transports() -> list[Defect]:
    """Return every provider whose answers come a way that nothing should be taken from."""
    found = []
    for name, way in _ways():
        control = "answers-packed" if "bomb" in name or "packed" in name else "oidcc-client-test"
        found += [
            Defect(f"token-answer-{name}", status=503, control=control, answer=way),
            Defect(f"key-set-{name}", status=503, control=control, keys=_key_set(way)),
            Defect(
                f"description-{name}", status=503, control=control, at_start=True, discovery=way
            ),
        ]
    return [
        *found,
        Defect("token-answer-with-not-a-number", status=503, answer=_not_a_number),
        Defect("token-answer-sent-elsewhere", status=503, answer=_elsewhere),
        Defect("key-set-elsewhere", status=503, keys=lambda: _elsewhere(None)),
    ]


def dripping() -> Defect:
    """Return a provider that begins to answer and does not end within ten seconds."""
    return Defect(
        "token-answer-in-drops",
        status=503,
        control="answers-in-drops",
        answer=lambda answer: in_drops(answer, 3),
    )
