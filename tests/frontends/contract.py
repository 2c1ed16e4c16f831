"""What every registry promises; each adapter's tests inherit it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from frontends.some_frontends import ADA, DASHBOARD, frontend, widget
from mainhub.frontends import (
    Change,
    FrontendChanged,
    FrontendInvalid,
    FrontendUnknown,
    WouldLockOut,
)

if TYPE_CHECKING:
    from mainhub.frontends import Registered, Registry


async def changed(registry: Registry, name: str, change: Change, generation: int = 1) -> Registered:
    return await registry.change(name, change, generation=generation, by=ADA, address="10.0.0.7")


async def only(registry: Registry) -> Registered:
    (entry,) = await registry.registered()
    return entry


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
            widgets=(widget("open"), widget("late", size="full")),
            apis=("orders", "stock-2"),
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

    async def test_ensuring_brings_what_a_release_changed(self, registry: Registry) -> None:
        await registry.ensure(DASHBOARD)
        newer = replace(DASHBOARD, routes=("/", "/start"), widgets=(widget(),), position=99)
        await registry.ensure(newer)
        assert await registry.all() == [newer]
        assert (await only(registry)).generation == 2

    async def test_ensuring_the_same_again_changes_nothing(self, registry: Registry) -> None:
        await registry.ensure(DASHBOARD)
        await registry.ensure(DASHBOARD)
        assert (await only(registry)).generation == 1

    async def test_ensuring_keeps_what_an_operator_changed(self, registry: Registry) -> None:
        await registry.ensure(DASHBOARD)
        await changed(registry, "dashboard", Change(active=False))
        await registry.ensure(replace(DASHBOARD, routes=("/start",), roles=("Admin",)))
        found = await only(registry)
        assert not found.frontend.active
        assert found.frontend.routes == ("/start",)
        assert found.frontend.roles == ("Admin",)
        assert found.changed == ("active",)

    async def test_ensuring_brings_new_apis_save_those_of_an_operator(
        self, registry: Registry
    ) -> None:
        await registry.ensure(DASHBOARD)
        await registry.ensure(replace(DASHBOARD, apis=("orders",)))
        assert (await only(registry)).frontend.apis == ("orders",)
        after = await changed(registry, "dashboard", Change(apis=()), generation=2)
        assert (after.frontend.apis, after.changed) == ((), ("apis",))
        await registry.ensure(replace(DASHBOARD, apis=("orders", "stock")))
        assert (await only(registry)).frontend.apis == ()

    async def test_ensuring_at_once_adds_one(self, registry: Registry) -> None:
        await asyncio.gather(*(registry.ensure(DASHBOARD) for _ in range(10)))
        assert await registry.all() == [DASHBOARD]

    async def test_forgets_one(self, registry: Registry) -> None:
        await registry.put(frontend())
        await registry.put(DASHBOARD)
        assert await registry.remove("orders") is True
        assert await registry.remove("orders") is False
        assert await registry.all() == [DASHBOARD]

    async def test_tells_who_changed_what(self, registry: Registry) -> None:
        await registry.put(frontend())
        before = await only(registry)
        assert (before.generation, before.changed, before.changed_by) == (1, (), None)
        after = await changed(registry, "orders", Change(active=False, roles=("Editor", "*")))
        assert after == await only(registry)
        assert after.frontend == replace(frontend(), active=False, roles=("Editor", "*"))
        assert (after.generation, after.changed) == (2, ("active", "roles"))
        assert (after.changed_by, after.changed_at is None) == (ADA.name, False)

    @pytest.mark.parametrize("change", [Change(), Change(active=True, roles=("Employee",))])
    async def test_what_changes_nothing_is_no_change(
        self, registry: Registry, change: Change
    ) -> None:
        await registry.put(frontend())
        assert (await changed(registry, "orders", change)).generation == 1
        assert (await only(registry)).changed == ()

    async def test_of_several_at_once_one_changes_it(self, registry: Registry) -> None:
        await registry.put(frontend())
        tries = [
            changed(registry, "orders", Change(roles=(f"Role {number}",))) for number in range(8)
        ]
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
        refused = [outcome for outcome in outcomes if isinstance(outcome, FrontendChanged)]
        (won,) = [outcome for outcome in outcomes if outcome not in refused]
        assert won == await only(registry)

    async def test_refuses_to_change_what_is_not_there(self, registry: Registry) -> None:
        with pytest.raises(FrontendUnknown):
            await changed(registry, "orders", Change(active=False))

    @pytest.mark.parametrize("role", ["", " ", " Admin", "a\nb", "x" * 121])
    async def test_refuses_what_is_no_role(self, registry: Registry, role: str) -> None:
        await registry.put(frontend())
        with pytest.raises(FrontendInvalid, match="roles"):
            await changed(registry, "orders", Change(roles=(role,)))
        assert await registry.all() == [frontend()]

    @pytest.mark.parametrize("change", [Change(active=False), Change(roles=("Editor",))])
    async def test_never_locks_the_administrators_out(
        self, registry: Registry, change: Change
    ) -> None:
        admin = frontend("admin", routes=("/admin",), roles=("Admin",))
        await registry.put(admin)
        with pytest.raises(WouldLockOut):
            await changed(registry, "admin", change)
        await changed(registry, "admin", Change(roles=("Admin", "Operator")))
