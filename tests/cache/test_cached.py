"""``@cached``, and how keys are made of arguments."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.cache import Cache, CacheArgumentInvalid, CacheUnavailable
from mainhub.cache.template import Template
from resilience.moved_clock import MovedClock

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

pytestmark = pytest.mark.anyio


def joined(a: object, b: object = "default") -> None: ...


async def test_answers_are_kept_by_argument() -> None:
    cache, calls = Cache(), []

    @cache.cached(key="user:{id}", tags=("user:{id}",))
    async def user(id: object) -> list[object]:  # noqa: A002 - as people write it
        calls.append(id)
        return [len(calls)]

    assert await user(1) == await user(id=1) == await user(1) == [1]
    assert user.key(1) == "user:1"
    assert await cache.get("user:1") == [1]
    assert await user.invalidate(1)
    assert not await user.invalidate(1)
    assert await user(1) == [2]
    assert await user.refresh(1) == [3]
    assert await user(1) == [3]
    await cache.invalidate_tags("user:1")
    assert await user(1) == [4]
    assert getattr(user, "__name__", "") == "user"


async def test_equal_arguments_that_differ_do_not_share_a_key() -> None:
    cache = Cache()

    @cache.cached(key="v:{value}")
    async def told(value: object) -> str:
        return repr(value)

    for value in (1, True, 1.0, 1, True, 0, False, None):
        assert await told(value) == repr(value)


async def test_it_works_on_methods_and_in_regions() -> None:
    cache = Cache()
    users = cache.region("users", ttl=timedelta(hours=1))

    class Directory:
        calls = 0

        @users.cached(key="{id}:{language}")
        async def name(self, id: int, *, language: str = "en") -> int:  # noqa: A002, ARG002
            self.calls += id
            return self.calls

    directory = Directory()
    assert await directory.name(1) == await directory.name(1, language="en") == 1
    assert await directory.name(1, language="fr") == 2
    assert await cache.get("users:1:en") == 1
    await users.clear()
    assert await directory.name(1) == 3


async def test_the_next_answer_is_made_in_good_time() -> None:
    clock = MovedClock()
    cache, calls = Cache(clock=clock), 0

    @cache.cached(key="k", ttl=timedelta(seconds=10), eager_refresh=0.5)
    async def number() -> int:
        nonlocal calls
        calls += 1
        return calls

    assert await number() == 1
    clock.move(timedelta(seconds=6))
    assert await number() == 1
    await cache.engine.filler._flights["k"].done
    assert await number() == 2


async def test_what_is_no_function_of_its_own_is_refused() -> None:
    with pytest.raises(CacheArgumentInvalid, match="async def"):
        Cache().cached(key="k")(joined)  # type: ignore[arg-type]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2, max_size=2))
def test_a_key_tells_what_it_was_made_of(arguments: list[str]) -> None:
    template = Template("x:{a}:{b}", joined)
    key = template.fill((arguments[0],), {"b": arguments[1]})
    first, second = key.removeprefix("x:").split(":", 1)
    assert first.replace("%3A", ":").replace("%25", "%") == arguments[0]
    assert second == arguments[1]


@given(
    one=st.tuples(st.text(":%3Aab", max_size=5), st.text(":%3Aab", max_size=5)),
    other=st.tuples(st.text(":%3Aab", max_size=5), st.text(":%3Aab", max_size=5)),
)
def test_different_arguments_have_different_keys(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    template = Template("{a}:{b}", joined)
    assert (template.fill(one, {}) == template.fill(other, {})) == (one == other)


def test_fields_may_be_attributes_and_defaults() -> None:
    some = UUID(int=1)
    assert Template("{a.hex}", joined).fill((some,), {}) == "0" * 31 + "1"
    assert Template("{a}|{b}", joined).fill((some,), {}) == f"{some}|default"
    assert Template("constant", joined).fill((), {}) == "constant"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("{c}", "write one of: a, b"),
        ("{a}{b}", "between them"),
        ("{a!r}", "attribute"),
        ("{a:>5}", "attribute"),
        ("{a[0]}", "attribute"),
        ("{}", "attribute"),
        ("{a", "expected"),
        ("", "empty"),
    ],
)
def test_a_template_that_makes_no_sense_is_refused(text: str, remedy: str) -> None:
    with pytest.raises(CacheArgumentInvalid, match=remedy):
        Template(text, joined)


def test_an_argument_without_a_text_of_its_own_is_refused() -> None:
    with pytest.raises(CacheArgumentInvalid, match=r"\{user\.id\}"):
        Template("{a}", joined).fill((object(),), {})


BAD: list[tuple[Callable[[Cache], Awaitable[object]], str]] = [
    (lambda cache: cache.get("x" * 513), "digest"),
    (lambda cache: cache.get("é" * 300), "600 bytes"),
    (lambda cache: cache.get("a\nb"), "control"),
    (lambda cache: cache.get(""), "empty"),
    (lambda cache: cache.get(5), "is text"),  # type: ignore[arg-type]
    (lambda cache: cache.get(["k"]), "is text"),  # type: ignore[arg-type]
    (lambda cache: cache.set("k", 1, ttl=timedelta(seconds=-1)), "more than zero"),
    (lambda cache: cache.set("k", 1, ttl=300), r"timedelta\(seconds=300\)"),  # type: ignore[arg-type]
    (lambda cache: cache.set("k", 1, tags="t"), r"tags=\('t',\)"),
    (lambda cache: cache.set("k", 1, tags=("*",)), "kept for clear"),
    (lambda cache: cache.set("k", 1, jitter=2), "share"),
    (lambda cache: cache.invalidate_tags("a\x00"), "control"),
    (lambda cache: cache.get_or_set("k", lambda: 5), "cannot be awaited"),  # type: ignore[arg-type, return-value]
    (lambda cache: cache.get_or_set("k", joined), "functools.partial|awaited"),  # type: ignore[arg-type]
    (lambda cache: cache.get_or_set("k", 5), "async def"),  # type: ignore[arg-type]
    (lambda cache: cache.get_many("key"), r"\['key'\]"),
]


@pytest.mark.parametrize(("call", "remedy"), BAD)
async def test_bad_input_gets_the_remedy(
    call: Callable[[Cache], Awaitable[object]], remedy: str
) -> None:
    with pytest.raises(CacheArgumentInvalid, match=remedy):
        await call(Cache())


def test_a_cache_with_a_level_2_must_be_entered() -> None:
    assert issubclass(CacheUnavailable, Exception)
    with pytest.raises(CacheArgumentInvalid, match="max_entries"):
        Cache(max_entries=0)
    with pytest.raises(CacheArgumentInvalid, match="has no ':'"):
        Cache().region("a:b")
