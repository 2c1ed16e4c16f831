"""How commands reach Redis, and by what means changes are heard."""

from abc import ABC, abstractmethod
from typing import Any

from redis.exceptions import NoScriptError, ResponseError

from mainhub.cache.port import Coherence
from mainhub.cache.redis.heard import Heard
from mainhub.cache.redis.scripts import Script
from mainhub.cache.redis.spelling import Spelling
from mainhub.storage.redis import Command

__all__ = ["Transport"]


class Transport(ABC):
    """Runs commands, in order where they concern one key, and hears of changes.

    Attributes:
        coherence: by what means.
        cause: what is wrong; ``None`` if nothing is.
    """

    def __init__(self, heard: Heard, spelling: Spelling) -> None:
        self._heard = heard
        self._spelling = spelling
        self.coherence = Coherence.TRACKING
        self.cause: str | None = None

    @property
    def channel(self) -> str:
        """Where a change is to be published; empty where the server tells of it by itself."""
        return self._spelling.changes if self.coherence is Coherence.PUBSUB else ""

    @abstractmethod
    def start(self) -> None:
        """Begin to hear of changes."""

    @abstractmethod
    async def run(self, commands: list[Command]) -> list[Any]:
        """Return the answers to *commands*; a refusal is an answer, a ``ResponseError``.

        Raises:
            RedisError, OSError: Redis does not answer.
        """

    async def settled(self) -> None:  # noqa: B027  not everyone can tell
        """Return when the changes that were made before have been heard, where that can be told."""

    @abstractmethod
    async def aclose(self) -> None:
        """End what was started."""

    async def script(self, script: Script, keys: list[str], *words: bytes | str | int) -> Any:
        """Return what *script* answers for *keys*."""
        (answer,) = await self.run([("EVALSHA", script.name, len(keys), *keys, *words)])
        if isinstance(answer, NoScriptError):
            # A server that was started again, or another one in its place.
            (answer,) = await self.run([("EVAL", script.text, len(keys), *keys, *words)])
        return said(answer)

    async def scripts(
        self, script: Script, calls: list[tuple[list[str], tuple[bytes | str | int, ...]]]
    ) -> list[Any]:
        """Return what *script* answers to each of *calls*: its keys and words."""
        commands: list[Command] = [
            ("EVALSHA", script.name, len(keys), *keys, *words) for keys, words in calls
        ]
        answers = await self.run(commands)
        missing = [place for place, one in enumerate(answers) if isinstance(one, NoScriptError)]
        if missing:
            again: list[Command] = [
                ("EVAL", script.text, len(calls[place][0]), *calls[place][0], *calls[place][1])
                for place in missing
            ]
            for place, answer in zip(missing, await self.run(again), strict=True):
                answers[place] = answer
        return [said(answer) for answer in answers]


def said(answer: Any) -> Any:
    """Return *answer*, or raise it if it is a refusal."""
    if isinstance(answer, ResponseError):
        raise answer
    return answer
