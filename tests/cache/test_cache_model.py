"""Two nodes, a level 2 between them, faults and moved time, against what may be given at all."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from cache.unsteady import UnsteadyLevel2
from mainhub.cache import MISSING, Cache, MemoryLevel2
from mainhub.resilience import Pipeline
from resilience.moved_clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Coroutine

KEYS = st.sampled_from(["a", "b", "area:c"])
TAGS = st.frozensets(st.sampled_from(["x", "y"]))
NODES = st.integers(0, 1)
TTLS = st.sampled_from([1, 5, 30])
ALONE = 2.0


@dataclass
class Value:
    """What is known of one value that was ever kept."""

    key: str
    tags: frozenset[str]
    made_at: float
    ends_at: float
    hard_end: float
    maker: int
    alone: bool
    taken_by: set[int] = field(default_factory=set)
    taken_for_all: bool = False
    unheard_by: set[int] = field(default_factory=set)


class TwoNodes(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = MovedClock()
        self.shared = MemoryLevel2(clock=self.clock)
        self.level2 = [UnsteadyLevel2(self.shared) for _ in range(2)]
        self.nodes = [
            Cache(
                one,
                clock=self.clock,
                way=Pipeline("x"),
                max_entries=3,
                max_bytes=60,
                # A claim that nobody ends stands as long as the clock does.
                hard_timeout=timedelta(milliseconds=20),
            )
            for one in self.level2
        ]
        self.values: dict[int, Value] = {}
        self.last = 0
        # What must be there; faults make it unknown.
        self.certain: dict[str, int] = {}
        # What each node has not been able to tell: values taken back.
        self.untold: list[list[int]] = [[], []]
        for node in self.nodes:
            self.run(node.__aenter__())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        with self.runner:
            for node in self.nodes:
                assert node.engine.filler.under_way == 0
                assert node.engine.level1.reserved == 0
                self.run(node.aclose())
            assert not len(self.shared._wakers)
            assert len(asyncio.all_tasks(self.runner.get_loop())) == 0

    @property
    def now(self) -> float:
        return self.clock.monotonic()

    @property
    def healthy(self) -> bool:
        return all(one.up and one.is_linked for one in self.level2) and not any(
            node.pending for node in self.nodes
        )

    def new_value(self, node: int, key: str, tags: frozenset[str], ttl: float, stale: float) -> int:
        self.last += 1
        tags = tags | {"*"}
        alone = not self.level2[node].up
        self.values[self.last] = Value(
            key, tags, self.now, self.now + ttl, self.now + ttl + stale, node, alone
        )
        return self.last

    def take(self, node: int, taken: list[int]) -> None:
        """Know that *node* took back these values, and whom it told."""
        for number in taken:
            value = self.values[number]
            value.taken_by.add(node)
            value.unheard_by |= {n for n in (0, 1) if not self.level2[n].is_linked}
            if self.level2[node].up:
                value.taken_for_all = True
            else:
                self.untold[node].append(number)
            if self.certain.get(value.key) == number:
                del self.certain[value.key]

    def matching(self, *, key: str | None = None, tag: str | None = None) -> list[int]:
        return [
            number for number, value in self.values.items() if value.key == key or tag in value.tags
        ]

    def told(self, node: int) -> None:
        """Know that all that *node* had to tell has been told."""
        if not self.nodes[node].pending:
            for number in self.untold[node]:
                self.values[number].taken_for_all = True
            self.untold[node].clear()

    def check(self, node: int, key: str, number: Any, *, emergency: bool = False) -> None:
        """See that *node* may give the value for *key*."""
        if number is MISSING:
            return
        value = self.values[number]
        assert value.key == key
        assert self.now < (value.hard_end if emergency else value.ends_at)
        assert node not in value.taken_by, "this node took it back itself"
        if not value.taken_for_all:
            return
        if emergency and node in value.unheard_by:
            return
        assert not self.level2[node].up
        assert value.maker == node
        assert value.alone
        assert self.now < value.made_at + ALONE

    @rule(node=NODES, key=KEYS, tags=TAGS, ttl=TTLS)
    def put(self, node: int, key: str, tags: frozenset[str], ttl: int) -> None:
        self.take(node, self.matching(key=key))
        number = self.new_value(node, key, tags, ttl, 0)
        seconds = timedelta(seconds=ttl)
        self.run(self.nodes[node].set(key, number, ttl=seconds, tags=sorted(tags)))
        self.told(node)
        if self.healthy:
            self.certain[key] = number

    @rule(node=NODES, key=KEYS)
    def get(self, node: int, key: str) -> None:
        found = self.run(self.nodes[node].get(key))
        self.told(node)
        self.check(node, key, found)
        if self.healthy and key in self.certain:
            number = self.certain[key]
            if self.now < self.values[number].ends_at:
                assert found == number

    @rule(node=NODES)
    def get_many(self, node: int) -> None:
        keys = ["a", "b", "area:c"]
        found = self.run(self.nodes[node].get_many(keys))
        self.told(node)
        for key in keys:
            self.check(node, key, found.get(key, MISSING))

    @rule(node=NODES, key=KEYS)
    def delete(self, node: int, key: str) -> None:
        self.take(node, self.matching(key=key))
        self.run(self.nodes[node].delete(key))
        self.told(node)

    @rule(node=NODES, tag=st.sampled_from(["x", "y"]))
    def invalidate_tag(self, node: int, tag: str) -> None:
        self.take(node, self.matching(tag=tag))
        self.run(self.nodes[node].invalidate_tags(tag))
        self.told(node)

    @rule(node=NODES)
    def clear(self, node: int) -> None:
        self.take(node, self.matching(tag="*"))
        self.run(self.nodes[node].clear())
        self.told(node)

    @rule(node=NODES)
    def invalidate_pattern(self, node: int) -> None:
        self.take(node, self.matching(key="area:c"))
        self.run(self.nodes[node].invalidate("area:*"))
        self.told(node)

    @rule(node=NODES, key=KEYS, ttl=TTLS)
    def expire(self, node: int, key: str, ttl: int) -> None:
        before = {n: self.run(self.nodes[n].get(key)) for n in (0, 1)}
        done = self.run(self.nodes[node].expire(key, ttl=timedelta(seconds=ttl)))
        self.told(node)
        self.certain.pop(key, None)
        if done:
            found = before[node]
            assert found is not MISSING
            self.values[found].ends_at = self.now + ttl
            self.values[found].hard_end = max(self.values[found].hard_end, self.now + ttl)

    @rule(
        node=NODES,
        key=KEYS,
        tags=TAGS,
        ttl=TTLS,
        stale=st.sampled_from([0, 20]),
        meanwhile=st.sampled_from(["", "delete", "tag", "clear", "down", "unlink"]),
        other=NODES,
    )
    def get_or_set(  # noqa: PLR0917 - hypothesis hands them over by name
        self,
        node: int,
        key: str,
        tags: frozenset[str],
        ttl: int,
        stale: int,
        meanwhile: str,
        other: int,
    ) -> None:
        made = 0

        async def make() -> int:
            nonlocal made
            made = self.new_value(node, key, tags, ttl, stale)
            await self.happen(meanwhile, other, key)
            return made

        found = self.run(
            self.nodes[node].get_or_set(
                key,
                make,
                ttl=timedelta(seconds=ttl),
                stale_ttl=timedelta(seconds=stale),
                tags=sorted(tags),
            )
        )
        self.told(0)
        self.told(1)
        if made:
            # Who waited is given it, whatever happened meanwhile.
            assert found == made
            # If level 2 went away meanwhile, it may be kept as something of this node alone.
            self.values[made].alone = not self.level2[node].up
        else:
            self.check(node, key, found)

    async def happen(self, what: str, node: int, key: str) -> None:
        if what == "delete":
            self.take(node, self.matching(key=key))
            await self.nodes[node].delete(key)
        elif what == "tag":
            self.take(node, self.matching(tag="x"))
            await self.nodes[node].invalidate_tags("x")
        elif what == "clear":
            self.take(node, self.matching(tag="*"))
            await self.nodes[node].clear()
        elif what == "down":
            self.level2[node].up = False
            self.certain.clear()
        elif what == "unlink":
            self.certain.clear()
            self.level2[node].link(linked=False)

    @rule(node=NODES, key=KEYS)
    def fail_to_make(self, node: int, key: str) -> None:
        async def fail() -> int:
            raise OSError

        try:
            found = self.run(self.nodes[node].get_or_set(key, fail))
        except OSError:
            return
        finally:
            self.told(node)
        self.check(node, key, found, emergency=True)

    @rule(seconds=st.sampled_from([0.5, 1.5, 4, 25]))
    def pass_time(self, seconds: float) -> None:
        self.clock.move(timedelta(seconds=seconds))

    @rule(node=NODES, up=st.booleans())
    def go(self, node: int, up: bool) -> None:  # noqa: FBT001 - hypothesis hands it over by name
        self.level2[node].up = up
        self.certain.clear()

    @rule(node=NODES, linked=st.booleans())
    def link(self, node: int, linked: bool) -> None:  # noqa: FBT001 - likewise
        self.level2[node].link(linked=linked)
        self.certain.clear()

    @rule(node=NODES)
    def recover(self, node: int) -> None:
        recovery = self.nodes[node].engine.recovery
        assert recovery is not None
        if self.level2[node].up:
            self.run(recovery.drain())
            assert not self.nodes[node].pending
        self.told(node)

    @invariant()
    def bounds_hold(self) -> None:
        for node in self.nodes:
            level1 = node.engine.level1
            assert len(level1.entries) <= 3
            assert level1.bytes == sum(entry.size for entry in level1.entries.values()) <= 60


TestTwoNodes = TwoNodes.TestCase
TestTwoNodes.settings = settings(max_examples=60, stateful_step_count=30)
