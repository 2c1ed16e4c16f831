"""The hub's own address: does it lead here, and for how long is its certificate good?"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from mainhub.clock import Clock
from mainhub.health import Diagnosis, Verdict
from mainhub.outbound import CallFailed, HttpClient

__all__ = ["PublicUrl"]

_OK: Final = 200
_SOON: Final = timedelta(days=30)
_HTTPS: Final = 443
_PATIENCE: Final = 5.0


class PublicUrl:
    """Looks at *public_url* from this machine, as providers that call back do from theirs."""

    def __init__(self, public_url: str, *, http: HttpClient, clock: Clock) -> None:
        self._public_url = public_url
        self._http = http
        self._clock = clock

    async def look(self) -> AsyncIterator[Diagnosis]:
        """Yield what is found."""
        address = urlsplit(self._public_url)
        if address.scheme == "https":
            diagnosis = await self._certificate(address.hostname or "", address.port or _HTTPS)
            yield diagnosis
            if diagnosis.verdict is Verdict.FAILED:
                return
        yield await self._answers()

    async def _answers(self) -> Diagnosis:
        try:
            answer = await self._http.get(f"{self._public_url}/livez")
        except CallFailed as error:
            return Diagnosis(
                "Nobody answers at the hub's address.",
                Verdict.WARNING,
                str(error),
                "Start the hub, and see that this machine reaches its own address: back-channel "
                "sign-out comes that way.",
                "docs/operations.md",
            )
        if answer.status != _OK:
            return Diagnosis(
                "Something else answers at the hub's address.",
                Verdict.FAILED,
                f"{self._public_url}/livez answers {answer.status}",
                "See to the proxy in front of the hub, and to hub.public_url.",
                "docs/operations.md",
            )
        return Diagnosis(f"The hub answers at {self._public_url}.")

    async def _certificate(self, host: str, port: int) -> Diagnosis:
        try:
            async with asyncio.timeout(_PATIENCE):
                _, writer = await asyncio.open_connection(
                    host, port, ssl=ssl.create_default_context()
                )
        except ssl.SSLError as error:
            return Diagnosis(
                "The hub's certificate is not trusted.",
                Verdict.FAILED,
                str(getattr(error, "verify_message", "") or error.reason or error),
                "Renew it, or have this machine trust the company's own authority.",
                "docs/operations.md",
            )
        except (OSError, TimeoutError) as error:
            return Diagnosis(
                "Nobody answers at the hub's address.",
                Verdict.WARNING,
                str(error) or type(error).__name__,
                "See to DNS, proxy and firewall.",
                "docs/operations.md",
            )
        told = writer.get_extra_info("peercert") or {}
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()
        ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(told["notAfter"]), UTC)
        left = ends - self._clock.now()
        if left < _SOON:
            return Diagnosis(
                f"The hub's certificate ends in {left.days} days.",
                Verdict.WARNING,
                f"it is good until {ends:%Y-%m-%d}",
                "Renew it.",
                "docs/operations.md",
            )
        return Diagnosis(f"The hub's certificate is good until {ends:%Y-%m-%d}.")
