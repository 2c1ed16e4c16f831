"""Hostile sign-ins that are taken, ours and others': ``make bench-hostile``.

Counts, not times: how many of a hostile provider's issuers sign somebody in, and how many honest
ones do, who prove that the figures mean something.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson
from rich.console import Console
from rich.table import Table

HERE: Final = Path(__file__).resolve().parent
# The hostile provider is the tests' own, and what they prove is counted here.
sys.path.insert(0, str(HERE.parent / "tests"))

from bench.contenders.hostile_peers import At, authlib, msal_python, openid_client  # noqa: E402
from mainhub.clock import SystemClock  # noqa: E402
from mainhub.telemetry import configure  # noqa: E402
from signin.broken_answers import broken  # noqa: E402
from signin.browser import opened  # noqa: E402
from signin.forged_claims import claims_forged  # noqa: E402
from signin.forged_keys import keys_forged  # noqa: E402
from signin.forged_tokens import forged  # noqa: E402
from signin.honest_answers import honest  # noqa: E402
from signin.hostile_provider import CLIENT_ID, CLIENT_SECRET, Issuer, hostile_app  # noqa: E402
from signin.hostile_transport import transports  # noqa: E402
from signin.hostile_world import HostileWorld, hostile_world  # noqa: E402
from signin.served import listener  # noqa: E402
from simulator.served import address, serving  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from signin.hostile_provider import Defect

_OURS: Final = "MainHub"
_OK: Final = 200
_SEE_OTHER: Final = 303
_EVERY: Final = 8
_OPTIONS: Final = ("--quick", "--json")
_WRONG_USE: Final = 2


@dataclass(frozen=True)
class Group:
    """Issuers of one kind of defect."""

    name: str
    defects: list[Defect]
    are_honest: bool = False


def groups(*, quick: bool) -> list[Group]:
    """Return what is tried: only what any relying party can be asked, so nothing of Entra ID's."""
    faults = broken()
    callbacks = [defect for defect in faults if defect.name.startswith("callback-")]
    documents = [defect for defect in faults if not defect.name.startswith("callback-")]
    found = [
        Group("tokens", forged()),
        Group("claims", claims_forged()),
        Group("headers, signatures, keys", keys_forged()),
        Group("documents and answers", documents),
        Group("transport", transports()),
        Group("callbacks", callbacks),
        Group("honest", list(honest()), are_honest=True),
    ]
    every = _EVERY if quick else 1
    return [
        Group(
            group.name,
            [defect for defect in group.defects if defect.kind == "oidc"][::every],
            group.are_honest,
        )
        for group in found
    ]


@contextlib.asynccontextmanager
async def _issuers(defects: Sequence[Defect], *, scheme: str = "http") -> AsyncIterator[list[At]]:
    """Serve issuers over http that call themselves *scheme*."""
    on = listener()
    base = address(on).replace("http", scheme, 1)
    made = [Issuer(base, f"c{number:03}", one) for number, one in enumerate(defects)]
    async with serving(hostile_app({issuer.name: issuer for issuer in made}), on):
        yield [
            At(one.defect.name, one.url, one.defect.algorithms[0], CLIENT_ID, CLIENT_SECRET)
            for one in made
        ]


async def _ours(defects: Sequence[Defect]) -> tuple[str, set[str]]:
    with tempfile.TemporaryDirectory() as folder:
        async with hostile_world(defects, Path(folder), clock=SystemClock()) as world:
            accepted = {defect.name for defect in defects if await _signs_in(world, defect)}
    return _OURS, accepted


async def _signs_in(world: HostileWorld, defect: Defect) -> bool:
    async with opened() as browser:
        start = await world.begin(browser, defect.name)
        if start.status == _SEE_OTHER:
            await browser.get((await browser.get(start.location)).location)
        session = await browser.get(f"{world.hub.url}/auth/session")
    return session.status == _OK


async def compare(found: Sequence[Group]) -> dict[str, set[str]]:
    """Return where each signed somebody in, by its name."""
    defects = [defect for group in found for defect in group.defects]
    taken = [await _ours(defects)]
    async with _issuers(defects, scheme="https") as places:
        taken.append(await msal_python(places))
    for peer in (authlib, openid_client):
        async with _issuers(defects) as places:
            result = await peer(places)
        if result is not None:
            taken.append(result)
    return dict(taken)


def table(found: Sequence[Group], taken: dict[str, set[str]]) -> list[dict[str, object]]:
    """Return a row for each group: how many were tried, and how many each took."""
    return [
        {
            "group": group.name,
            "tried": len(group.defects),
            **{
                name: len(accepted & {defect.name for defect in group.defects})
                for name, accepted in taken.items()
            },
        }
        for group in found
    ]


def main(arguments: Sequence[str]) -> int:
    """Count, show the table and write it; 1 if we take anything hostile or refuse the honest."""
    unknown = [word for word in arguments if word not in _OPTIONS]
    if unknown:
        print(f"{' '.join(unknown)}: not known; write {' or '.join(_OPTIONS)}", file=sys.stderr)
        return _WRONG_USE
    # What is refused is counted here, and need not be told as well.
    configure(level="error", output="json", stream=sys.stderr)
    found = groups(quick="--quick" in arguments)
    taken = asyncio.run(compare(found))
    rows = table(found, taken)
    text = orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode()
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "hostile.json").write_text(f"{text}\n", encoding="utf-8")
    if "--json" in arguments:
        print(text)
    else:
        _show(rows)
    hostile = {one.name for group in found if not group.are_honest for one in group.defects}
    right = {one.name for group in found if group.are_honest for one in group.defects}
    return int(bool(taken[_OURS] & hostile or right - taken[_OURS]))


def _show(rows: Sequence[dict[str, object]]) -> None:
    made = Table(title="hostile: how many sign somebody in", box=None)
    for column in rows[0]:
        made.add_column(column, justify="left" if column == "group" else "right")
    for row in rows:
        made.add_row(*(str(value) for value in row.values()))
    Console(width=120).print(made)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
