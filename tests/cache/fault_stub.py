"""A server that refuses every command in Redis's words, for states that no real one can be held in.

What a client says when it connects is answered well, so that the refusal meets the cache and not
the driver.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["REFUSALS", "refusing"]

REFUSALS: Final = {
    "loading": b"-LOADING Redis is loading the dataset in memory\r\n",
    "masterdown": b"-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is no\r\n",
    "busy": b"-BUSY Redis is busy running a script. You can only call SCRIPT KILL\r\n",
    "misconf": b"-MISCONF Redis is configured to save RDB snapshots, but cannot\r\n",
    "max-clients": b"-ERR max number of clients reached\r\n",
    "nonsense": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "wrong-kind": b"+OK\r\n",
    "truncated": b"$100\r\nshort",
}
_GREETINGS: Final = {b"HELLO", b"CLIENT", b"SELECT", b"SUBSCRIBE", b"PING"}


@asynccontextmanager
async def refusing(answer: bytes, *, greets: bool = True) -> AsyncIterator[int]:
    """Yield the port of a server that gives *answer* to every command.

    Unless it *greets*, it answers so from the first word on.
    """

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while words := await _command(reader):
                if greets and words[0].upper() in _GREETINGS:
                    writer.write(_greeting(words))
                else:
                    writer.write(answer)
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def _command(reader: asyncio.StreamReader) -> list[bytes]:
    first = await reader.readline()
    if not first.startswith(b"*"):
        return []
    words = []
    for _ in range(int(first[1:])):
        length = int((await reader.readline())[1:])
        words.append((await reader.readexactly(length + 2))[:-2])
    return words


def _greeting(words: list[bytes]) -> bytes:
    name = words[0].upper()
    if name == b"HELLO":
        return b"%2\r\n$6\r\nserver\r\n$5\r\nredis\r\n$5\r\nproto\r\n:3\r\n"
    if name == b"CLIENT" and words[1].upper() == b"ID":
        return b":7\r\n"
    if name == b"SUBSCRIBE":
        told = (b"$%d\r\n%s\r\n" % (len(channel), channel) for channel in words[1:])
        return b"".join(
            b"*3\r\n$9\r\nsubscribe\r\n%s:%d\r\n" % (channel, number)
            for number, channel in enumerate(told, 1)
        )
    return b"+PONG\r\n" if name == b"PING" else b"+OK\r\n"
