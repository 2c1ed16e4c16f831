"""Which access tokens are kept: those of a session, and those that belong to no session."""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from typing import Final

from mainhub.clock import Clock
from mainhub.sessions import Token

__all__ = ["LEAST_LEFT", "KeptTokens", "bounded", "good"]

LEAST_LEFT: Final = timedelta(seconds=60)
"""With this left, or less, a token is not handed out: it must live through the call."""

_MOST: Final = 16
_MOST_LETTERS: Final = 48 * 1024
# What Python needs for an entry beside the token, about.
_AROUND: Final = 500


def good(token: Token | None, now: datetime, *, unlike: str | None = None) -> Token | None:
    """Return *token* if it may be handed out: long enough left, and not the one *unlike*."""
    if token is None or token.value == unlike:
        return None
    renew_at = token.renew_at or token.expires_at - LEAST_LEFT
    return token if now < renew_at else None


def bounded(tokens: Mapping[str, Token], newest: str | None, now: datetime) -> dict[str, Token]:
    """Return what a session keeps of *tokens*: at most 16 and 48 KiB, those that last longest.

    What has ended goes; the one for the scopes *newest* stays in any case, unless it alone is
    larger than that.
    """
    living = [(scopes, token) for scopes, token in tokens.items() if token.expires_at > now]
    living.sort(key=lambda held: (held[0] == newest, held[1].expires_at), reverse=True)
    kept: dict[str, Token] = {}
    letters = 0
    for scopes, token in living:
        size = len(scopes) + len(token.value)
        if len(kept) < _MOST and letters + size <= _MOST_LETTERS:
            kept[scopes] = token
            letters += size
    return kept


class KeptTokens:
    """Tokens of no session, in this process alone: at most *most* and *most_bytes*.

    Those that were not asked for the longest go first. None is handed out that is not
    :func:`good`.
    """

    def __init__(
        self, *, clock: Clock, most: int = 1000, most_bytes: int = 8 * 1024 * 1024
    ) -> None:
        self._clock = clock
        self._most = most
        self._most_bytes = most_bytes
        self._tokens: OrderedDict[Hashable, Token] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._tokens)

    def get(self, key: Hashable) -> Token | None:
        """Return the token under *key* if it may still be handed out."""
        token = good(self._tokens.get(key), self._clock.now())
        if token is None:
            self._drop(key)
            return None
        self._tokens.move_to_end(key)
        return token

    def keep(self, key: Hashable, token: Token) -> None:
        """Keep *token* under *key*, if it is good for anything."""
        self._drop(key)
        if good(token, self._clock.now()) is None or _size(token) > self._most_bytes:
            return
        self._tokens[key] = token
        self._bytes += _size(token)
        while len(self._tokens) > self._most or self._bytes > self._most_bytes:
            self._drop(next(iter(self._tokens)))

    def _drop(self, key: Hashable) -> None:
        token = self._tokens.pop(key, None)
        if token is not None:
            self._bytes -= _size(token)


def _size(token: Token) -> int:
    return len(token.value) + _AROUND
