"""Sessions in Redis from behind."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from sessions.attacks import Vault

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from mainhub.sessions import Session

AT = "mainhub:{sessions}:"
NAMES = {
    "id_hash": "h",
    "generation": "g",
    "summary": "m",
    "tokens": "k",
    "created_at": "c",
    "seen_at": "n",
    "idle_expires_at": "i",
    "expires_at": "e",
    "person_tag": "t",
    "provider_tag": "v",
}
START = datetime(1970, 1, 1, tzinfo=UTC)


class RedisVault(Vault):
    def __init__(self, client: Redis) -> None:
        self._client: Any = client
        self._at: dict[str, str] = {}

    def key(self, session: Session) -> str:
        return f"{AT}s:{self._at.get(session.id, session.ref)}"

    @override
    async def get(self, session: Session, field: str) -> Any:
        held = await self._client.hget(self.key(session), NAMES[field])
        assert held is not None
        if field.endswith("_at"):
            return START + timedelta(microseconds=int(held))
        return held

    @override
    async def put(self, session: Session, **fields: Any) -> None:
        for field, value in fields.items():
            if field == "id_hash" and self.key(session) != f"{AT}s:{value[:32]}":
                await self._client.rename(self.key(session), f"{AT}s:{value[:32]}")
                self._at[session.id] = value[:32]
            written = value
            if isinstance(value, datetime):
                written = (value - START) // timedelta(microseconds=1)
            await self._client.hset(self.key(session), NAMES[field], written)

    @override
    async def dump(self) -> bytes:
        kept = b""
        for key in await self._client.keys("*"):
            kept += key
            if await self._client.type(key) == b"hash":
                held = await self._client.hgetall(key)
                kept += b"".join(word for pair in held.items() for word in pair)
            elif await self._client.type(key) == b"string":
                kept += await self._client.get(key)
            else:
                kept += b"".join(await self._client.zrange(key, 0, -1))
        return kept
