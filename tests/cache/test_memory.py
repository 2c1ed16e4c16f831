"""The embedded second level and locks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from cache.level2_contract import Level2Contract
from cache.locks_contract import LocksContract
from mainhub.cache import MemoryLevel2, MemoryLocks, SignedLevel2

if TYPE_CHECKING:
    from mainhub.cache import Level2, Locks


class TestMemoryLevel2(Level2Contract):
    @pytest.fixture
    @override
    async def one(self) -> Level2:
        return MemoryLevel2()

    @pytest.fixture
    @override
    async def other(self, one: Level2) -> Level2:
        return one


class TestSignedLevel2(Level2Contract):
    @pytest.fixture
    async def shared(self) -> MemoryLevel2:
        return MemoryLevel2()

    @pytest.fixture
    @override
    async def one(self, shared: MemoryLevel2) -> Level2:
        return SignedLevel2(shared, [b"s" * 32])

    @pytest.fixture
    @override
    async def other(self, shared: MemoryLevel2) -> Level2:
        return SignedLevel2(shared, [b"s" * 32, b"old" * 8])


class TestMemoryLocks(LocksContract):
    @pytest.fixture
    @override
    async def one(self) -> Locks:
        return MemoryLocks()

    @pytest.fixture
    @override
    async def other(self, one: Locks) -> Locks:
        return one
