"""A fill that is under way: one for each key in this process, whoever waits for it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Final

from mainhub.cache.failures import CacheArgumentInvalid
from mainhub.cache.level1 import Entry
from mainhub.cache.options import MISSING, Options

__all__ = ["MAKING", "NOT_MODIFIED", "Factory", "Fill", "Filled", "Flight", "Purpose", "takes_fill"]

Factory = Callable[..., Awaitable[Any]]
"""Makes the value: takes nothing, or a :class:`Fill`."""


Own = Callable[["asyncio.Task[Any]"], None]


class _NotModified:
    """What a factory answers for: the value that there was is right for another time."""


NOT_MODIFIED = _NotModified()


class Fill:
    """What a factory knows, and what it may change.

    Attributes:
        key: what is filled.
        ttl: how long the value will be fresh; may be set.
        stale_ttl: how long it may be given after that, if need be; may be set.
        tags: its tags; may be set or added to.
        stale: the value that there was, or ``MISSING``.
        etag: what the factory kept with that value, to ask whether it has changed; may be set.
    """

    __slots__ = ("etag", "key", "stale", "stale_ttl", "tags", "ttl")

    def __init__(self, key: str, options: Options, tags: list[str], old: Entry | None) -> None:
        self.key = key
        self.ttl = timedelta(seconds=options.ttl)
        self.stale_ttl = timedelta(seconds=options.stale_ttl)
        self.tags: Any = tags
        self.stale: Any = MISSING if old is None else old.value
        self.etag: str | None = None if old is None else old.etag

    def not_modified(self) -> Any:
        """Return what to return if *stale* is right still: it is kept for another time.

        Raises:
            CacheArgumentInvalid: there was no value.
        """
        if self.stale is MISSING:
            raise CacheArgumentInvalid("there is no value that could be right: return a new one")
        return NOT_MODIFIED


class Purpose:
    """Why a value is made; how new a value of somebody else's must be to do."""

    FILL = "fill"
    EAGER = "eager"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Filled:
    """How a fill ended: with a value, an error, or neither, and then it is begun again."""

    value: Any = MISSING
    error: BaseException | None = None
    trace: TracebackType | None = None
    again: bool = False

    def give(self) -> Any:
        """Return the value, or raise the error."""
        if self.error is not None:
            # Each who raises it adds to its traceback otherwise, a thousand times.
            raise self.error.with_traceback(self.trace)
        return self.value


class Flight:
    """One fill.

    Attributes:
        tags: what it depends on, as far as is known.
        own: is given each task that is started for it.
        is_void: something that it depends on has changed, so its value is not kept.
        is_doubtful: its key has changed in level 2, which will know whether the value is kept.
        stale: an older value, for callers who would not wait.
        last: an older value, for when there will be no other.
        within: the fill whose factory began this one.
        waits_for: those that its factory waits for.
    """

    __slots__ = (
        "done",
        "is_doubtful",
        "is_void",
        "key",
        "last",
        "looked",
        "options",
        "own",
        "purpose",
        "stale",
        "tags",
        "task",
        "waits_for",
        "within",
    )

    def __init__(
        self, key: str, options: Options, *, purpose: str, old: Entry | None, own: Own
    ) -> None:
        loop = asyncio.get_running_loop()
        self.key = key
        self.options = options
        self.purpose = purpose
        self.own = own
        self.tags = frozenset(options.tags)
        self.done: asyncio.Future[Filled] = loop.create_future()
        self.looked: asyncio.Future[None] = loop.create_future()
        self.stale = old
        self.last = old
        self.is_void = False
        self.is_doubtful = False
        self.task: asyncio.Task[Filled] | None = None
        self.within = MAKING.get()
        self.waits_for: list[Flight] = []
        self._require_new()

    @contextmanager
    def waited_for(self) -> Iterator[None]:
        """Note that the factory of which the caller is a part waits for this fill.

        Raises:
            CacheArgumentInvalid: this one waits for that already; both would wait for ever.
        """
        waiting = MAKING.get()
        if waiting is None or waiting.done.done():
            # Nobody's, or a task's that has outlived the factory that began it.
            yield
            return
        if self._leads_to(waiting):
            raise CacheArgumentInvalid(_CIRCLE.format(waiting.key, self.key))
        waiting.waits_for.append(self)
        try:
            yield
        finally:
            waiting.waits_for.remove(self)

    def _leads_to(self, other: "Flight") -> bool:
        seen: set[Flight] = set()
        left = [self]
        while left:
            flight = left.pop()
            if flight is other:
                return True
            if flight not in seen:
                seen.add(flight)
                left += flight.waits_for
        return False

    def _require_new(self) -> None:
        flight = self.within
        while flight is not None:
            same = flight.key == self.key and flight.own == self.own
            if same and not flight.done.done():
                raise CacheArgumentInvalid(_CIRCLE.format(flight.key, self.key))
            flight = flight.within

    def look_over(self) -> None:
        """Let those go on who want to know whether there is an older value."""
        if not self.looked.done():
            self.looked.set_result(None)

    def land(self, filled: Filled) -> None:
        """Tell everybody how it ended."""
        self.look_over()
        if not self.done.done():
            self.done.set_result(filled)


MAKING: ContextVar[Flight | None] = ContextVar("mainhub.cache.making", default=None)
"""The fill whose factory is running."""

_CIRCLE: Final = (
    "the factory of {!r} asks for {!r}, which waits for it in turn: "
    "let it make the value without asking for its own key"
)


def takes_fill(factory: Factory) -> bool:
    """Tell whether *factory* takes a :class:`Fill`.

    Raises:
        CacheArgumentInvalid: it is no function, or takes more.
    """
    code = getattr(factory, "__code__", None)
    if code is None or getattr(factory, "__self__", None) is not None:
        return _looks(factory)
    needed = code.co_argcount - len(getattr(factory, "__defaults__", None) or ())
    if needed > 1 or code.co_kwonlyargcount > len(getattr(factory, "__kwdefaults__", None) or ()):
        raise CacheArgumentInvalid(_TOO_MANY)
    return bool(needed == 1)


def _looks(factory: Factory) -> bool:
    import inspect

    if not callable(factory):
        raise CacheArgumentInvalid(
            f"the factory is a {type(factory).__name__}: write `async def make(): ...`, "
            "and give make, not make()"
        )
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = [
        parameter
        for parameter in parameters
        if parameter.default is parameter.empty
        and parameter.kind not in {parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL}
    ]
    if len(needed) > 1 or any(one.kind is one.KEYWORD_ONLY for one in needed):
        raise CacheArgumentInvalid(_TOO_MANY)
    return len(needed) == 1


_TOO_MANY = "the factory needs more than one argument: write functools.partial(factory, ...)"
