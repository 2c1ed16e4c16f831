"""One connection that carries many commands: what it needs of the driver, and what may go wrong."""

from __future__ import annotations

import asyncio
import inspect
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from redis.asyncio import Redis
from redis.asyncio.connection import Connection
from redis.exceptions import ResponseError

from cache.level2_contract import SOON, came
from mainhub.storage.redis.line import Line, LineLost

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis_server.server import PrivateRedis

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def opened(
    server: PrivateRedis, *, silence: float = SOON, protocol: int = 2
) -> AsyncIterator[tuple[Line, list[Exception]]]:
    """Yield a line to *server*, and what it said when it was lost."""
    client = Redis(port=server.port, protocol=protocol)
    pool: Any = client.connection_pool
    connection = pool.make_connection()
    await connection.connect()
    lost: list[Exception] = []
    line = Line(connection, silence=silence, on_lost=lost.append)
    try:
        yield line, lost
    finally:
        await line.end()
        await client.aclose()


async def flooded(line: Line, word: bytes) -> None:
    """Send *word* until that is refused."""
    for _ in range(20):
        line.send([("ECHO", word)])
        await asyncio.sleep(0)


@pytest.mark.parametrize("protocol", [2, 3])
async def test_the_driver_has_what_a_line_uses_of_it(
    redis_server: PrivateRedis, protocol: int
) -> None:
    asked = inspect.signature(Connection.read_response).parameters
    assert {"disable_decoding", "timeout", "disconnect_on_error"} <= set(asked)
    connection: Any = Connection(port=redis_server.port, protocol=protocol)
    await connection.connect()
    assert isinstance(connection._writer, asyncio.StreamWriter)
    connection._writer.writelines([b"*2\r\n$4\r\nECHO\r\n", b"$1\r\n\xff\r\n"])
    assert await connection.read_response(disable_decoding=True) == b"\xff"
    await connection.disconnect(nowait=True)


@pytest.mark.parametrize("protocol", [2, 3])
async def test_refusals_are_answers_among_others(redis_server: PrivateRedis, protocol: int) -> None:
    async with opened(redis_server, protocol=protocol) as (line, lost):
        one, refused, other = line.send([("ECHO", "1"), ("NONE",), ("ECHO", "2")])
        assert await one == b"1"
        with pytest.raises(ResponseError, match="unknown command"):
            await refused
        assert await other == b"2"
        assert lost == []


async def test_words_arrive_as_they_are(redis_server: PrivateRedis) -> None:
    async with opened(redis_server) as (line, _):
        for word, arrives in (
            *(("", b""), ("é", "é".encode()), (b"\r\n$1", b"\r\n$1"), (-12, b"-12")),
            (2**53, b"9007199254740992"),
        ):
            assert await line.send([("ECHO", word)])[0] == arrives


async def test_who_gives_up_leaves_the_others_their_answers(redis_server: PrivateRedis) -> None:
    async with opened(redis_server) as (line, lost):
        answers = [line.send([("ECHO", str(number))])[0] for number in range(1000)]
        for answer in answers[::3]:
            answer.cancel()
        for number, answer in enumerate(answers):
            if number % 3:
                assert await answer == str(number).encode()
        assert lost == []


async def test_commands_of_one_turn_and_of_others_keep_their_order(
    redis_server: PrivateRedis,
) -> None:
    async with opened(redis_server) as (line, _):
        answers = []
        for turn in range(20):
            answers += [line.send([("INCR", "n"), ("INCR", "n")]) for _ in range(turn % 4)]
            await asyncio.sleep(0)
        found = [await answer for pair in answers for answer in pair]
        assert found == list(range(1, len(found) + 1))


async def test_a_silent_server_fails_all_that_is_under_way(redis_server: PrivateRedis) -> None:
    async with opened(redis_server, silence=0.05) as (line, lost):
        redis_server.freeze()
        answers = [line.send([("PING",)])[0] for _ in range(10)]
        async with asyncio.timeout(SOON):
            for answer in answers:
                with pytest.raises(LineLost, match="silent"):
                    await answer
        assert len(lost) == 1
        with pytest.raises(LineLost):
            line.send([("PING",)])
    redis_server.thaw()


async def test_a_server_that_ends_fails_all_that_is_under_way(redis_server: PrivateRedis) -> None:
    async with opened(redis_server) as (line, lost):
        await line.send([("PING",)])[0]
        redis_server.run("CLIENT", "KILL", "TYPE", "normal")
        await came(lambda: bool(lost))
        with pytest.raises(LineLost):
            line.send([("PING",)])


async def test_a_busy_moment_of_this_process_is_no_silence(redis_server: PrivateRedis) -> None:
    async with opened(redis_server, silence=0.05) as (line, lost):
        (answer,) = line.send([("PING",)])
        # Nothing is read meanwhile, though the server has answered.
        time.sleep(0.2)  # noqa: ASYNC251 - that it blocks is what is tried
        assert await answer == b"PONG"
        assert lost == []


async def test_too_much_under_way_is_refused(redis_server: PrivateRedis) -> None:
    async with opened(redis_server) as (line, lost):
        redis_server.freeze()
        line.send([("PING",)] * 20_000)
        with pytest.raises(LineLost, match="under way"):
            line.send([("PING",)])
        redis_server.thaw()
        await came(lambda: not line._waiting)
        assert await line.send([("PING",)])[0] == b"PONG"
        big = b"x" * (8 * 1024 * 1024)
        redis_server.freeze()
        with pytest.raises(LineLost, match="does not take"):
            await flooded(line, big)
        redis_server.thaw()
        assert lost == []
