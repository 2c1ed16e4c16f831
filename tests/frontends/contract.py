"""What every registry promises; each adapter's tests inherit it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from frontends.some_frontends import DASHBOARD, frontend

if TYPE_CHECKING:
    from mainhub.frontends import Registry


class RegistryContract:
    """Subclasses give the fixture ``registry``, which is empty."""

    async def test_an_empty_registry_has_nothing(self, registry: Registry) -> None:
        assert await registry.all() == []

    async def test_gives_back_what_was_registered(self, registry: Registry) -> None:
        full = frontend(
            titles={"fr": "Commandes « à valider »", "en": "Orders"},
            routes=("/orders", "/commandes/detail"),
            roles=("Admin", "Employee"),
            position=-3,
            active=False,
            url="https://orders.contoso.example:8443/main.js",
            integrity="sha384-AAAA+/==",
        )
        await registry.put(full)
        await registry.put(DASHBOARD)
        assert await registry.all() == [full, DASHBOARD]

    async def test_orders_by_position_then_name(self, registry: Registry) -> None:
        for name, position in (("c", 1), ("b", 2), ("a", 2), ("d", 0)):
            await registry.put(frontend(name, position=position))
        assert [found.name for found in await registry.all()] == ["d", "c", "a", "b"]

    async def test_registering_again_replaces(self, registry: Registry) -> None:
        await registry.put(frontend())
        changed = frontend(titles={"fr": "Ventes", "en": "Sales"}, roles=())
        await registry.put(changed)
        assert await registry.all() == [changed]

    async def test_ensuring_adds_what_is_missing(self, registry: Registry) -> None:
        await registry.ensure(DASHBOARD)
        assert await registry.all() == [DASHBOARD]

    async def test_ensuring_keeps_an_operators_change(self, registry: Registry) -> None:
        theirs = replace(DASHBOARD, active=False, position=99)
        await registry.put(theirs)
        await registry.ensure(DASHBOARD)
        assert await registry.all() == [theirs]

    async def test_ensuring_at_once_adds_one(self, registry: Registry) -> None:
        await asyncio.gather(*(registry.ensure(DASHBOARD) for _ in range(10)))
        assert await registry.all() == [DASHBOARD]

    async def test_forgets_one(self, registry: Registry) -> None:
        await registry.put(frontend())
        await registry.put(DASHBOARD)
        assert await registry.remove("orders") is True
        assert await registry.remove("orders") is False
        assert await registry.all() == [DASHBOARD]
