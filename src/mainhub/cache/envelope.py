"""How a value lies in level 2: a fixed head, what it depends on, and its bytes.

Whatever the bytes are, reading them takes no more memory than the bound and raises nothing: what
cannot be read is named and told.
"""

import struct
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import orjson
import zstandard

from mainhub.cache.failures import CacheValueInvalid
from mainhub.cache.frozen import read_only, written

__all__ = ["Envelope", "Refusal", "open_envelope", "packed", "seal"]

# magic, version, codec, created, soft end, hard end (ms since 1970), tags, etag, body, packed body
_HEAD: Final = struct.Struct(">3sBBQQQHHII")
_SUM: Final = struct.Struct(">I")
_MAGIC: Final = b"\xb5mh"
_VERSION: Final = 1
_JSON, _BYTES, _ZSTD = 0, 1, 2
_LEAST: Final = _HEAD.size + _SUM.size
_LEVEL: Final = 1
LONGEST_ETAG: Final = 1024


class Refusal(StrEnum):
    """Why bytes are no value."""

    FOREIGN = "foreign"
    FUTURE = "future version"
    TRUNCATED = "truncated"
    DAMAGED = "damaged"
    OVERSIZED = "oversized"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A value and what is known about it; times in milliseconds since 1970."""

    value: Any
    size: int
    created: int
    soft_end: int
    hard_end: int
    etag: str | None
    tags: tuple[tuple[str, bytes], ...]


def packed(value: Any) -> bytes:
    """Return the bytes of *value*, which is frozen."""
    return value if type(value) is bytes else written(value)


def seal(envelope: Envelope, body: bytes, *, compress_above: int) -> bytes:
    """Return *envelope*, whose value is *body* by :func:`packed`, as level 2 keeps it."""
    codec = _BYTES if type(envelope.value) is bytes else _JSON
    stored = body
    if len(body) > compress_above:
        smaller = zstandard.ZstdCompressor(level=_LEVEL).compress(body)
        if len(smaller) < len(body):
            codec |= _ZSTD
            stored = smaller
    etag = b"" if envelope.etag is None else envelope.etag.encode()
    head = _HEAD.pack(
        _MAGIC,
        _VERSION,
        codec,
        envelope.created,
        envelope.soft_end,
        envelope.hard_end,
        len(envelope.tags),
        len(etag),
        len(body),
        len(stored),
    )
    parts = [head, etag]
    for tag, token in envelope.tags:
        name = tag.encode()
        parts += (len(name).to_bytes(2, "big"), name, bytes((len(token),)), token)
    parts.append(stored)
    whole = b"".join(parts)
    return whole + _SUM.pack(zlib.crc32(whole))


def open_envelope(raw: bytes, *, most: int) -> Envelope | Refusal:
    """Return what *raw* holds if its body has *most* bytes or fewer, or why it cannot be read."""
    if len(raw) < _LEAST:
        return _refusal(raw, most) or Refusal.TRUNCATED
    magic, version, codec, created, soft, hard, tags, etag, size, stored = _HEAD.unpack_from(raw)
    summed = zlib.crc32(memoryview(raw)[: -_SUM.size]) == _SUM.unpack_from(raw, len(raw) - 4)[0]
    if magic != _MAGIC or version != _VERSION or size > most or stored > most or not summed:
        return _refusal(raw, most) or Refusal.DAMAGED
    try:
        place = _HEAD.size + etag
        told = raw[_HEAD.size : place].decode() if etag else None
        found, place = _tags(raw, place, tags)
        body = raw[place : -_SUM.size]
        if len(body) != stored:
            return Refusal.TRUNCATED
        if codec & _ZSTD:
            body = _unpacked(body, size)
        if len(body) != size:
            return Refusal.DAMAGED
        value = body if codec & ~_ZSTD == _BYTES else _json(body, codec)
    except (ValueError, RecursionError, zstandard.ZstdError, IndexError, CacheValueInvalid):
        return Refusal.UNREADABLE
    return Envelope(value, size, created, soft, hard, told, found)


def _refusal(raw: bytes, most: int) -> Refusal | None:
    """Return why *raw* is not even looked into."""
    head = raw[: len(_MAGIC)]
    why = None
    if not raw or head != _MAGIC[: len(head)]:
        why = Refusal.FOREIGN
    elif len(raw) > len(_MAGIC) and raw[len(_MAGIC)] != _VERSION:
        why = Refusal.FUTURE
    elif len(raw) < _LEAST:
        why = Refusal.TRUNCATED
    elif max(_HEAD.unpack_from(raw)[-2:]) > most:
        why = Refusal.OVERSIZED
    elif zlib.crc32(memoryview(raw)[: -_SUM.size]) != _SUM.unpack_from(raw, len(raw) - 4)[0]:
        why = Refusal.DAMAGED
    return why


def _json(body: bytes, codec: int) -> Any:
    if codec & ~_ZSTD != _JSON:
        raise ValueError(codec)
    return read_only(orjson.loads(body))


def _unpacked(body: bytes, size: int) -> bytes:
    """Return what is packed in *body*, which must say by itself that it is *size* bytes long."""
    if zstandard.frame_content_size(body) != size:
        raise ValueError(size)
    return zstandard.ZstdDecompressor().decompress(
        body, max_output_size=size, allow_extra_data=False
    )


def _tags(raw: bytes, place: int, count: int) -> tuple[tuple[tuple[str, bytes], ...], int]:
    found = []
    for _ in range(count):
        end = place + 2 + int.from_bytes(raw[place : place + 2], "big")
        name = raw[place + 2 : end].decode()
        place = end + 1 + raw[end]
        found.append((name, raw[end + 1 : place]))
    return tuple(found), place
