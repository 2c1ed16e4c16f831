"""A hub of its own process that asks for tokens when it is told to.

Reads settings and a session's id as JSON from its first line, prints ``ready``, waits for a second
line with how many tokens to ask for at once, and prints what came of each.
"""

import asyncio
import json
import sys
from collections import Counter
from datetime import timedelta

from app.renewing_world import SCOPES
from frontends.made_up_build import made_up_build
from mainhub.app import compose
from mainhub.errors import MainHubError
from mainhub.settings import load


async def main() -> None:
    loop = asyncio.get_running_loop()
    told = json.loads(await loop.run_in_executor(None, sys.stdin.readline))
    configuration = load(config=None, environ={}, preset=told["settings"], vendor_names=False)
    hub = compose(configuration, build=made_up_build())
    async with hub.running():
        grants = hub._parts.grants
        grants._turns._lasts = timedelta(seconds=told["turn"])

        async def ask() -> str:
            try:
                return (await grants.token_for(told["session"], SCOPES)).value
            except MainHubError as error:
                return type(error).__name__

        say("ready")
        count = int(await loop.run_in_executor(None, sys.stdin.readline))
        answers = await asyncio.gather(*(ask() for _ in range(count)))
        say(json.dumps(Counter(answers)))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
