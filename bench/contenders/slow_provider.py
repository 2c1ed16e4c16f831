"""A provider that takes 200 ms for each token, in a process of its own."""

from __future__ import annotations

import asyncio
import secrets
import sys
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final, cast

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["SECONDS", "slow_provider"]

SECONDS: Final = 0.2
_LENGTH: Final = 900
_BACKLOG: Final = 512


@asynccontextmanager
async def slow_provider() -> AsyncIterator[str]:
    """Start it; yield its issuer."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.contenders.slow_provider"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield (await cast("asyncio.StreamReader", process.stdout).readline()).decode().strip()
    finally:
        # It ends with its standard input.
        cast("asyncio.StreamWriter", process.stdin).close()
        await process.wait()


async def _serve() -> None:
    app = web.Application()
    issuer = ""

    async def discovery(_request: web.Request) -> web.Response:
        return web.json_response(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "jwks_uri": f"{issuer}/keys",
            }
        )

    async def token(request: web.Request) -> web.Response:
        form = await request.post()
        await asyncio.sleep(SECONDS)
        if form.get("grant_type") != "refresh_token" or not form.get("refresh_token"):
            return web.json_response({"error": "invalid_request"}, status=400)
        fresh = {kind: secrets.token_urlsafe(_LENGTH) for kind in ("access_token", "refresh_token")}
        return web.json_response({**fresh, "token_type": "Bearer", "expires_in": 3600})

    app.router.add_get("/.well-known/openid-configuration", discovery)
    app.router.add_post("/token", token)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=_BACKLOG)
    await site.start()
    host, port = runner.addresses[0][:2]
    issuer = f"http://{host}:{port}"
    print(issuer, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve())
