"""What every second level keeps to; each adapter's tests inherit this."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from mainhub.cache import Claim, Listener

if TYPE_CHECKING:
    from collections.abc import Callable

    from mainhub.cache import Level2

SOON = 20.0
LOOK_AGAIN = 0.005
MINUTE = timedelta(minutes=1)
ODD = ["a", "a:b", "{a}", "a}b{c", "%7B", "é", "*", "[x]", "a\\b", "x" * 512]


async def came(condition: Callable[[], bool]) -> None:
    """Wait until *condition* holds."""
    async with asyncio.timeout(SOON):
        while not condition():  # noqa: ASYNC110 - of something that tells nobody
            await asyncio.sleep(LOOK_AGAIN)


class Heard(Listener):
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.keys: list[str] = []
        self.tags: list[str] = []
        self.links: list[bool] = []

    @property
    def is_linked(self) -> bool:
        return bool(self.links) and self.links[-1]

    @override
    def changed(self, key: str) -> None:
        self.keys.append(key)

    @override
    def tag_changed(self, tag: str) -> None:
        self.tags.append(tag)

    @override
    def linked(self) -> None:
        self.links.append(True)

    @override
    def unlinked(self) -> None:
        self.links.append(False)


@pytest.mark.anyio
class Level2Contract:
    """Two processes, *one* and *other*, on one server."""

    @pytest.fixture
    async def one(self) -> Level2:
        """Return a level 2 that is linked and holds nothing."""
        raise NotImplementedError

    @pytest.fixture
    async def other(self) -> Level2:
        """Return another one on the same server."""
        raise NotImplementedError

    @pytest.fixture
    async def heard(self, one: Level2) -> Heard:
        """Return who listens to *one*."""
        listener = Heard()
        one.listen(listener)
        await came(lambda: listener.is_linked)
        return listener

    async def test_reads_what_was_written_in_the_order_asked(
        self, one: Level2, other: Level2
    ) -> None:
        await one.write({key: (key.encode(), MINUTE) for key in ODD})
        assert await other.read([*ODD, "none", ODD[0]]) == [
            *(key.encode() for key in ODD),
            None,
            ODD[0].encode(),
        ]
        assert await other.read([]) == []

    async def test_keeps_any_bytes(self, one: Level2) -> None:
        values = [b"", b"\x00\r\n$5\r\n", bytes(range(256)), b"x" * 300_000]
        await one.write({str(n): (value, MINUTE) for n, value in enumerate(values)})
        assert await one.read([str(n) for n in range(len(values))]) == values

    async def test_deletes_and_says_how_many_there_were(self, one: Level2) -> None:
        await one.write({"a": (b"1", MINUTE), "b": (b"2", MINUTE)})
        assert await one.delete(["a", "b", "c"]) == 2
        assert await one.delete(["a"]) == 0
        assert await one.read(["a", "b"]) == [None, None]

    async def test_forgets_when_the_time_is_over(self, one: Level2) -> None:
        await one.write({"short": (b"1", timedelta(milliseconds=1)), "long": (b"2", MINUTE)})
        await self.later()
        assert await one.read(["short", "long"]) == [None, b"2"]

    async def test_a_very_long_time_is_no_error(self, one: Level2) -> None:
        await one.write({"a": (b"1", timedelta(days=900_000))})
        assert await one.read(["a"]) == [b"1"]

    async def later(self) -> None:
        """Let some milliseconds pass."""
        await asyncio.sleep(0.02)

    async def test_swaps_only_what_is_there_still(self, one: Level2, other: Level2) -> None:
        await one.write({"a": (b"1", MINUTE)})
        assert await other.swap("a", b"1", b"2", MINUTE)
        assert not await one.swap("a", b"1", b"3", MINUTE)
        assert not await one.swap("none", b"1", b"3", MINUTE)
        assert await one.read(["a", "none"]) == [b"2", None]

    async def test_a_tag_has_one_token_for_all_until_it_is_renewed(
        self, one: Level2, other: Level2
    ) -> None:
        first = await one.tokens(ODD)
        assert len(set(first)) == len(ODD)
        assert await other.tokens(ODD) == first
        epoch = await one.epoch()
        await other.renew_tokens(ODD[:2])
        second = await one.tokens(ODD)
        assert second[2:] == first[2:]
        assert not set(second[:2]) & set(first)
        assert await one.epoch() != epoch

    async def test_one_claims_a_fill(self, one: Level2, other: Level2) -> None:
        assert await one.claim("a", b"me", MINUTE) == Claim(ours=True, found=None)
        assert await other.claim("a", b"you", MINUTE) == Claim(ours=False, found=None)
        assert (await one.claim("a", b"me", MINUTE)).ours
        assert await one.keep("a", b"me", MINUTE)
        assert not await other.keep("a", b"you", MINUTE)
        assert not await other.fill("a", b"you", b"yours", MINUTE)
        assert await one.fill("a", b"me", b"mine", MINUTE)
        assert not await one.fill("a", b"me", b"again", MINUTE)
        assert await other.claim("a", b"you", MINUTE) == Claim(ours=True, found=b"mine")

    async def test_a_claim_that_is_given_up_is_free(self, one: Level2, other: Level2) -> None:
        assert (await one.claim("a", b"me", MINUTE)).ours
        await other.give_up("a", b"you")
        assert not (await other.claim("a", b"you", MINUTE)).ours
        await one.give_up("a", b"me")
        assert (await other.claim("a", b"you", MINUTE)).ours

    async def test_a_claim_ends_by_itself(self, one: Level2, other: Level2) -> None:
        assert (await one.claim("a", b"me", timedelta(milliseconds=1))).ours
        await self.later()
        assert not await one.keep("a", b"me", MINUTE)
        assert (await other.claim("a", b"you", MINUTE)).ours

    @pytest.mark.parametrize("how", ["delete", "write"])
    async def test_delete_during_a_fill_wins(self, one: Level2, other: Level2, how: str) -> None:
        assert (await one.claim("a", b"me", MINUTE)).ours
        if how == "delete":
            await other.delete(["a"])
        else:
            await other.write({"a": (b"newer", MINUTE)})
        assert not await one.keep("a", b"me", MINUTE)
        assert not await one.fill("a", b"me", b"older", MINUTE)
        assert await one.read(["a"]) == [None if how == "delete" else b"newer"]

    @pytest.mark.parametrize("how", ["fill", "give_up", "delete", "write"])
    async def test_who_waits_for_a_fill_is_woken(
        self, one: Level2, other: Level2, heard: Heard, how: str
    ) -> None:
        assert heard.is_linked
        assert (await other.claim("a", b"you", MINUTE)).ours
        async with one.waking("a") as event, one.waking("b") as quiet:
            if how == "fill":
                await other.fill("a", b"you", b"1", MINUTE)
            elif how == "give_up":
                await other.give_up("a", b"you")
            elif how == "delete":
                await other.delete(["a"])
            else:
                await other.write({"a": (b"1", MINUTE)})
            async with asyncio.timeout(SOON):
                await event.wait()
            assert not quiet.is_set()

    async def test_finds_keys_by_pattern(self, one: Level2) -> None:
        keys = ["orders:1", "orders:2", "orders:{x}", "order", "orders", "xorders:1", "orders:[a]"]
        await one.write(dict.fromkeys(keys, (b"1", MINUTE)))
        assert (await one.claim("orders:new", b"me", MINUTE)).ours

        async def found(pattern: str) -> set[str]:
            return {key async for page in one.scan(pattern) for key in page}

        assert await found("orders:*") == {
            *("orders:1", "orders:2", "orders:{x}", "orders:[a]", "orders:new")
        }
        assert await found("orders:1") == {"orders:1"}
        assert await found("orders:[a]") == {"orders:[a]"}
        assert await found("orders:?") == set()
        assert await found("*1") == {"orders:1", "xorders:1"}
        assert await found("*{*") == {"orders:{x}"}
        assert await found("*") == {*keys, "orders:new"}

    async def test_scans_thousands(self, one: Level2) -> None:
        keys = {f"k:{n}" for n in range(3000)}
        await one.write(dict.fromkeys(keys, (b"1", MINUTE)))
        pages = [page async for page in one.scan("k:*")]
        assert {key for page in pages for key in page} == keys
        assert await one.size() >= len(keys)

    @pytest.mark.parametrize("how", ["write", "delete", "swap", "fill"])
    async def test_hears_of_a_change_of_what_it_has_read(
        self, one: Level2, other: Level2, heard: Heard, how: str
    ) -> None:
        await one.write({"a": (b"1", MINUTE)})
        await one.read(["a", "none"])
        heard.keys.clear()
        if how == "write":
            await other.write({"a": (b"2", MINUTE)})
        elif how == "delete":
            await other.delete(["a"])
        elif how == "swap":
            await other.swap("a", b"1", b"2", MINUTE)
        else:
            await other.claim("a", b"you", MINUTE)
            await other.fill("a", b"you", b"2", MINUTE)
        await came(lambda: "a" in heard.keys)
        assert "none" not in heard.keys

    async def test_hears_that_what_was_missing_is_there(
        self, one: Level2, other: Level2, heard: Heard
    ) -> None:
        assert await one.read(["a"]) == [None]
        await other.write({"a": (b"1", MINUTE)})
        await came(lambda: "a" in heard.keys)

    async def test_hears_that_a_tag_was_renewed(
        self, one: Level2, other: Level2, heard: Heard
    ) -> None:
        await one.tokens(["t", "u"])
        assert heard.tags == []
        await other.renew_tokens(["t"])
        await came(lambda: bool(heard.tags))
        assert set(heard.tags) == {"t"}

    async def test_who_listens_no_more_is_told_nothing(self, one: Level2, other: Level2) -> None:
        gone, stays = Heard(), Heard()
        off = one.listen(gone)
        one.listen(stays)
        await came(lambda: stays.is_linked)
        off()
        off()
        await one.read(["a"])
        await other.write({"a": (b"1", MINUTE)})
        await came(lambda: bool(stays.keys))
        assert gone.keys == []

    async def test_no_change_goes_unheard(self, one: Level2, other: Level2, heard: Heard) -> None:
        """Whatever is read, either it is the newest, or a change of it is heard after."""
        keys = [f"k{n}" for n in range(8)]
        known: dict[str, bytes | None] = {}
        over = False

        async def change() -> None:
            for number in range(400):
                await other.write({keys[number % 8]: (str(number).encode(), MINUTE)})

        async def read(key: str) -> None:
            while not over:
                since = len(heard.keys)
                (found,) = await one.read([key])
                if key not in heard.keys[since:]:
                    known[key] = found
                    mark = len(heard.keys)
                    for _ in range(3):
                        await asyncio.sleep(0)
                    if key in heard.keys[mark:]:
                        known.pop(key, None)
                else:
                    known.pop(key, None)
                await asyncio.sleep(0)

        readers = [asyncio.create_task(read(key)) for key in keys]
        await change()
        last = dict(zip(keys, await other.read(keys), strict=True))
        await asyncio.sleep(LOOK_AGAIN)
        over = True
        await asyncio.gather(*readers)
        heard_of = set(heard.keys)
        await one.read(keys)
        assert heard_of
        assert {key: known[key] for key in known} == {key: last[key] for key in known}

    async def test_cancelled_callers_leave_the_others_their_answers(self, one: Level2) -> None:
        await one.write({str(n): (str(n).encode(), MINUTE) for n in range(50)})
        for moment in range(6):
            asked = [asyncio.create_task(one.read([str(n)])) for n in range(50)]
            for _ in range(moment):
                await asyncio.sleep(0)
            for task in asked[::3]:
                task.cancel()
            answers = await asyncio.gather(*asked, return_exceptions=True)
            for number, answer in enumerate(answers):
                if number % 3:
                    assert answer == [str(number).encode()]
