"""``@cached``: a function whose answers are kept; a hit is one coroutine frame."""

import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, ParamSpec, Protocol, TypeVar, cast, overload

from mainhub.cache.engine import Engine
from mainhub.cache.failures import CacheArgumentInvalid
from mainhub.cache.keys import checked_key, checked_tags
from mainhub.cache.options import Options
from mainhub.cache.template import Template

__all__ = ["Cached", "decorate"]

P = ParamSpec("P")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Cached(Protocol[P, T_co]):
    """A function whose answers are kept."""

    async def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T_co:
        """Return what is kept for these arguments; call the function if there is nothing."""

    @overload
    def __get__(self, instance: None, owner: type) -> "Cached[P, T_co]": ...

    @overload
    def __get__(self, instance: object, owner: type) -> Callable[..., Awaitable[T_co]]: ...

    async def invalidate(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Remove what is kept for these arguments; return whether there was something."""

    async def refresh(self, *args: P.args, **kwargs: P.kwargs) -> T_co:
        """Call the function for these arguments, whatever is kept, and keep what it returns."""

    def key(self, *args: P.args, **kwargs: P.kwargs) -> str:
        """Return the key under which the answer for these arguments is kept in the region."""


class _Binding:
    """What connects a function to the cache: how its keys, tags and values are made."""

    def __init__(
        self,
        engine: Engine,
        prefix: str,
        function: Callable[..., Awaitable[Any]],
        key: str,
        *,
        tags: tuple[str, ...],
        options: Options,
    ) -> None:
        if not inspect.iscoroutinefunction(function):
            raise CacheArgumentInvalid(
                f"{getattr(function, '__qualname__', function)!s} is not asynchronous: "
                "write `async def`"
            )
        self.engine = engine
        self.function = function
        self.template = Template(key, function)
        self.prefix = prefix
        self._tags = [Template(tag, function, what="tags") for tag in tags]
        self._options = options
        self.is_eager = options.eager_refresh is not None

    def key(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
        return self.template.fill(args, kwargs)

    def options(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Options:
        if not self._tags:
            return self._options
        tags = checked_tags(tag.fill(args, kwargs) for tag in self._tags)
        return replace(self._options, tags=tuple(dict.fromkeys((*self._options.tags, *tags))))

    async def get(self, whole: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        engine = self.engine
        engine.require_open()
        made = functools.partial(self.function, *args, **kwargs)
        return await engine.filler.get_or_set(
            checked_key(whole), _Bound(made), self.options(args, kwargs)
        )

    async def refresh(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        engine = self.engine
        engine.require_open()
        whole = checked_key(self.prefix + self.key(args, kwargs))
        made = functools.partial(self.function, *args, **kwargs)
        return await engine.filler.refresh(whole, _Bound(made), self.options(args, kwargs))


class _Bound:
    """A function with its arguments, as a factory without any."""

    __slots__ = ("_made",)

    def __init__(self, made: Callable[[], Awaitable[Any]]) -> None:
        self._made = made

    def __call__(self) -> Awaitable[Any]:
        return self._made()


def decorate(
    engine: Engine,
    prefix: str,
    function: Callable[P, Awaitable[T]],
    key: str,
    *,
    tags: tuple[str, ...],
    options: Options,
) -> Cached[P, T]:
    """Return *function*, whose answers are kept under keys that begin with *prefix*."""
    binding = _Binding(engine, prefix, function, key, tags=tags, options=options)
    made = _by_one_argument(binding) or _by_arguments(binding)
    functools.update_wrapper(made, function)

    async def invalidate(*args: Any, **kwargs: Any) -> bool:
        engine.require_open()
        return bool(await engine.writer.delete([checked_key(prefix + binding.key(args, kwargs))]))

    async def refresh(*args: Any, **kwargs: Any) -> Any:
        return await binding.refresh(args, kwargs)

    def key_of(*args: Any, **kwargs: Any) -> str:
        return checked_key(binding.key(args, kwargs))

    made.invalidate = invalidate  # type: ignore[attr-defined]
    made.refresh = refresh  # type: ignore[attr-defined]
    made.key = key_of  # type: ignore[attr-defined]
    return cast("Cached[P, T]", made)


def _by_one_argument(binding: _Binding) -> Callable[..., Awaitable[Any]] | None:
    """Return the wrapper for a key with one field, if that is the first argument."""
    single = binding.template.single
    if single is None or single[1] != 0:
        return None
    before, _, after = single
    before = binding.prefix + before
    engine = binding.engine
    level1, touch, look = engine.level1, engine.level1.touch, engine.level1.entries.get
    figures, now, spelled = engine.figures, engine.now, binding.template.spelled
    eager = binding.is_eager

    async def cached(*args: Any, **kwargs: Any) -> Any:
        if args:
            given = args[0]
            kind = type(given)
            told = given if kind is str or kind is int else spelled(given)
            key = f"{before}{told}{after}"
        else:
            key = binding.prefix + binding.key(args, kwargs)
        entry = look(key)
        if (
            entry is not None
            and entry.serial == level1.serial
            and now() < entry.quick_until
            and (entry.eager or not eager)
        ):
            touch(key)
            entry.hits += 1
            figures.l1_hits += 1
            return entry.value
        return await binding.get(key, args, kwargs)

    return cached


def _by_arguments(binding: _Binding) -> Callable[..., Awaitable[Any]]:
    """Return the wrapper for any key."""
    engine = binding.engine
    level1, touch, look = engine.level1, engine.level1.touch, engine.level1.entries.get
    figures, now, fill, prefix = engine.figures, engine.now, binding.template.fill, binding.prefix
    eager = binding.is_eager

    async def cached(*args: Any, **kwargs: Any) -> Any:
        key = prefix + fill(args, kwargs)
        entry = look(key)
        if (
            entry is not None
            and entry.serial == level1.serial
            and now() < entry.quick_until
            and (entry.eager or not eager)
        ):
            touch(key)
            entry.hits += 1
            figures.l1_hits += 1
            return entry.value
        return await binding.get(key, args, kwargs)

    return cached
