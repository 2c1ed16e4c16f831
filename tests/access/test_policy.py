"""The policy, held against one that is written to be read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.access import BadGrant, Grant, Holder, Need, Policy, Step, covers
from mainhub.identity import ADMIN, EVERYONE, ROLELESS, Person
from sessions.moved_clock import MovedClock

ROLES = [ADMIN, "Buyer", "Seller", ROLELESS, "orders:write"]
GROUPS = ["g1", "g2"]
PEOPLE = ["t.ada", "t.bob"]
PERMISSIONS = ["orders:write", "orders:read", "orders:*", "stock:eu:read", "stock:*:read", "stock"]
AFTER = timedelta(hours=1)

holders = st.one_of(
    st.builds(Holder, st.just("role"), st.sampled_from(ROLES)),
    st.builds(Holder, st.just("group"), st.sampled_from(GROUPS)),
    st.builds(Holder, st.just("person"), st.sampled_from(PEOPLE)),
)
grants = st.builds(
    lambda to, roles, permissions, ends: Grant(
        to,
        tuple(roles),
        tuple(permissions) if roles or permissions else ("stock",),
        id="x",
        expires_at=None if ends is None else MovedClock().now() + ends,
    ),
    holders,
    st.sets(st.sampled_from(ROLES)),
    st.sets(st.sampled_from(PERMISSIONS)),
    st.sampled_from([None, -AFTER, AFTER]),
)
people = st.builds(
    lambda id_, roles, groups, known, unvouched: Person(
        id_,
        "Ada",
        None,
        tuple(role for role in roles if not (unvouched and role == ADMIN)) or (ROLELESS,),
        "t",
        "entra",
        groups=tuple(groups),
        groups_known=known,
        unvouched=unvouched,
    ),
    st.sampled_from([*PEOPLE, "t.eve"]),
    st.lists(st.sampled_from([*ROLES, EVERYONE]), unique=True),
    st.lists(st.sampled_from(GROUPS), unique=True),
    st.booleans(),
    st.booleans(),
)
needs = st.builds(
    Need.any_of,
    st.sets(st.sampled_from([*ROLES, "Nobody", EVERYONE])),
    st.sets(st.sampled_from([*PERMISSIONS, "unknown:one"])),
)


def person(
    *roles: str, groups: tuple[str, ...] = (), known: bool = True, unvouched: bool = False
) -> Person:
    return Person(
        "t.ada",
        "Ada",
        None,
        roles or (ROLELESS,),
        "t",
        "entra",
        groups=groups,
        groups_known=known,
        unvouched=unvouched,
    )


def naive(given_: list[Grant], who: Person, need: Need, clock: MovedClock) -> bool:
    """Decide by going round until nothing new is found."""
    if EVERYONE in need.roles:
        return True
    roles = {role for role in who.roles if role != EVERYONE}
    permissions: set[str] = set()
    for _ in range(10):
        for one in given_:
            if one.expires_at is not None and one.expires_at <= clock.now():
                continue
            mine = {
                "role": one.to.name in roles,
                "group": who.groups_known and one.to.name in who.groups,
                "person": one.to.name == who.id,
            }[one.to.kind]
            if mine:
                roles |= set(one.roles)
                permissions |= set(one.permissions)
        if who.unvouched:
            roles.discard(ADMIN)
    permissions |= {role for role in roles if ":" in role}
    wanted = {
        "orders:write": {"orders:write", "orders:*"},
        "orders:read": {"orders:read", "orders:*"},
        "stock:eu:read": {"stock:eu:read", "stock:*:read"},
    }
    met = any(permissions & wanted.get(asked, {asked}) for asked in need.permissions)
    return met or bool(roles & need.roles)


@given(st.lists(grants, max_size=6), people, needs)
def test_decides_as_the_naive_one_does(given_: list[Grant], who: Person, need: Need) -> None:
    clock = MovedClock()
    policy = Policy(given_[:2], clock=clock)
    policy.replace(given_[2:])
    assert policy.decide(who, need).allowed == naive(given_, who, need, clock)
    clock.move(2 * AFTER)
    assert policy.decide(who, need).allowed == naive(given_, who, need, clock)
    assert not policy.decide(None, need).allowed


@given(st.lists(grants, max_size=6), people, needs)
def test_there_is_a_reason_exactly_where_it_is_allowed(
    given_: list[Grant], who: Person, need: Need
) -> None:
    policy = Policy(given_, clock=MovedClock())
    assert bool(policy.explain(who, need)) == policy.decide(who, need).allowed


@given(st.lists(grants, max_size=5), grants, people, needs)
def test_giving_takes_nothing_away_and_taking_back_gives_nothing(
    given_: list[Grant], one: Grant, who: Person, need: Need
) -> None:
    policy = Policy(clock=MovedClock())
    policy.replace(given_)
    before = policy.decide(who, need).allowed
    policy.replace([*given_, one])
    assert policy.decide(who, need).allowed >= before
    policy.replace(given_)
    assert policy.decide(who, need).allowed == before


@given(st.lists(grants, max_size=6), people)
def test_what_is_asked_by_nobodys_name_is_open_to_nobody(given_: list[Grant], who: Person) -> None:
    policy = Policy(given_, clock=MovedClock())
    assert not policy.decide(who, Need.any_of(())).allowed
    assert not policy.decide(who, Need.any_of(("Nobody",), ("unknown:one",))).allowed


@given(st.lists(grants, max_size=6), people)
def test_nobody_is_an_administrator_while_nobody_vouches(given_: list[Grant], who: Person) -> None:
    policy = Policy(given_, clock=MovedClock())
    assert not (who.unvouched and policy.is_administrator(who))


def test_unknown_groups_give_nothing() -> None:
    policy = Policy([Grant(Holder("group", "g1"), (ADMIN,))], clock=MovedClock())
    assert policy.is_administrator(person(groups=("g1",)))
    assert not policy.is_administrator(person(groups=("g1",), known=False))


def test_tells_the_way_from_the_group_over_the_role_to_the_permission() -> None:
    by_role = Grant(Holder("role", "Buyer"), (), ("orders:*",))
    policy = Policy([by_role], clock=MovedClock())
    policy.replace([Grant(Holder("group", "g1", "Purchasing"), ("Buyer",), id="7", by="Ada")])
    (why,) = policy.explain(person(groups=("g1",)), Need.any_of(["orders:write"]))
    assert why.via == (Step("group", "g1", "Purchasing"), Step("role", "Buyer"))
    assert why.grant is by_role
    assert policy.permissions_of(person(groups=("g1",))) == ["orders:*"]
    assert policy.roles_of(person(groups=("g1",))) == [ROLELESS, "Buyer"]


def test_what_expires_is_gone_when_its_time_comes() -> None:
    clock = MovedClock()
    policy = Policy(clock=clock)
    policy.replace([Grant(Holder("person", "t.ada"), (ADMIN,), expires_at=clock.now() + AFTER)])
    assert policy.is_administrator(person())
    clock.move(AFTER)
    assert not policy.is_administrator(person())


def test_a_list_of_roles_may_list_permissions() -> None:
    need = Need.any_of(["Buyer", "orders:write", "*"])
    assert (need.roles, need.permissions) == (
        frozenset({"Buyer", "*"}),
        frozenset({"orders:write"}),
    )
    # A provider's role may be called so, too.
    policy = Policy(clock=MovedClock())
    assert policy.permits(person("orders:write"), ["orders:write"])
    refused = policy.decide(person(), Need.any_of(["Buyer", "orders:write"]))
    with pytest.raises(Exception, match="the role Buyer or the permission orders:write"):
        refused.raise_unless_allowed("Orders")


@pytest.mark.parametrize(
    ("held", "asked", "does"),
    [
        ("orders:write", "orders:write", True),
        ("orders:*", "orders:write", True),
        ("orders:*", "orders:eu:write", True),
        ("orders:*", "orders", False),
        ("orders:*", "orders2:write", False),
        ("orders:*:read", "orders:eu:read", True),
        ("orders:*:read", "orders:eu:write", False),
        ("orders:*:read", "orders:eu:read:all", False),
        ("orders:write", "orders:*", False),
        ("orders:*", "orders:*", True),
    ],
)
def test_an_asterisk_stands_for_a_part(held: str, asked: str, does: bool) -> None:  # noqa: FBT001 - a table
    assert covers(held, asked) is does


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Grant(Holder("role", "Buyer")),
        lambda: Grant(Holder("role", "*"), ("Buyer",)),
        lambda: Grant(Holder("role", "Buyer"), ("*",)),
        lambda: Grant(Holder("role", "Buyer"), ("",)),
        lambda: Grant(Holder("role", "Buyer"), (" Admin",)),
        lambda: Grant(Holder("role", "Buyer"), ("A\nB",)),
        lambda: Grant(Holder("role", "Buyer"), (), ("*",)),
        lambda: Grant(Holder("role", "Buyer"), (), ("Orders:write",)),
        lambda: Grant(Holder("role", "Buyer"), (), ("orders:wr*",)),
        lambda: Grant(Holder("nobody", "Buyer"), ("Buyer",)),  # type: ignore[arg-type]
        lambda: Grant(Holder("role", "Buyer"), tuple(f"R{n}" for n in range(101))),
    ],
)
def test_refuses_what_could_not_work(wrong) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    with pytest.raises(BadGrant):
        wrong()
