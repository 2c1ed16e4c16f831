"""How the hub proves to a provider that it is the application that is registered there.

A shared secret, an assertion that the hub signs with the key of a certificate, or one that somebody
else signs for it and keeps fresh in a file. Each request gets a proof of its own.
"""

import asyncio
import base64
import os
import re
import stat
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal
from urllib.parse import quote_plus

import orjson
from typing_extensions import override

from mainhub.health import Diagnosis, Verdict
from mainhub.signin.failures import ProviderUnavailable
from mainhub.telemetry import get_logger

__all__ = [
    "JWT_BEARER",
    "Asked",
    "AssertionFile",
    "ClientAuthentication",
    "Proof",
    "ProofMissing",
    "SharedSecret",
]

log = get_logger("signin")

JWT_BEARER: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_DOCS: Final = "docs/signin.md"
_LARGEST_FILE: Final = 16 * 1024
_JWS: Final = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_SOON: Final = timedelta(minutes=1)


class ProofMissing(ProviderUnavailable):
    """The hub has nothing to prove itself with at the moment; what is missing stands in the log."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks whom: *methods* and *algorithms* are what the provider says that it takes, if so.

    *name* and *title* are the provider's, for the log and for people.
    """

    name: str
    title: str
    client_id: str
    issuer: str
    token_endpoint: str
    methods: tuple[str, ...] | None = None
    algorithms: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """What goes along with one request; *secrets* is what of it nobody may read, by its name."""

    form: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


class ClientAuthentication(ABC):
    """One way of proving it (RFC 6749, section 2.3)."""

    @abstractmethod
    async def prove(self, asked: Asked, *, now: datetime) -> Proof:
        """Return a proof for one request, which is sent once.

        Raises:
            ProofMissing: there is none at the moment.
        """

    @abstractmethod
    def method(self, asked: Asked) -> str:
        """Return its name in a provider's ``token_endpoint_auth_methods_supported``."""

    def algorithm(self, asked: Asked) -> str | None:
        """Return by which it signs, if it does."""
        del asked
        return None

    async def diagnoses(self, now: datetime) -> Sequence[Diagnosis]:
        """Return what can be told of it without asking the provider."""
        del now
        return ()


@dataclass(frozen=True, slots=True)
class SharedSecret(ClientAuthentication):
    """A secret that both know, in the form or in a header (``client_secret_post``, ``_basic``).

    With *sent* ``auto`` it goes into the form, unless the provider says that it takes it in the
    header only. OpenID Connect Discovery makes the header the default where nothing is said; most
    providers take both, and the form needs no rules of spelling that some of them do not follow.
    """

    secret: str = field(repr=False)
    sent: Literal["auto", "post", "basic"] = "auto"

    @override
    async def prove(self, asked: Asked, *, now: datetime) -> Proof:
        if self.method(asked) == "client_secret_post":
            form = {"client_id": asked.client_id, "client_secret": self.secret}
            return Proof(form, secrets={"client_secret": self.secret})
        # RFC 6749, section 2.3.1: both halves are form-encoded before they are joined.
        spelled = f"{quote_plus(asked.client_id)}:{quote_plus(self.secret)}"
        told = base64.b64encode(spelled.encode()).decode()
        return Proof(
            {},
            {"authorization": f"Basic {told}"},
            {"client_secret": self.secret, "authorization": told},
        )

    @override
    def method(self, asked: Asked) -> str:
        sent = self.sent
        if sent == "auto":
            taken = asked.methods or ()
            only_header = "client_secret_basic" in taken and "client_secret_post" not in taken
            sent = "basic" if only_header else "post"
        return f"client_secret_{sent}"


@dataclass(frozen=True, slots=True)
class AssertionFile(ClientAuthentication):
    """What another issuer signed for the hub, read from *path* each time (RFC 7523, section 2.2).

    Workload identity federation: Kubernetes or a CI system writes a token for this workload into a
    file and replaces it before it ends. Entra ID wants its audience to be
    ``api://AzureADTokenExchange`` (learn.microsoft.com, "Workload identity federation"); what is in
    it is between its issuer and the provider, so it is sent as it is.
    """

    path: Path

    @override
    async def prove(self, asked: Asked, *, now: datetime) -> Proof:
        try:
            assertion = await asyncio.to_thread(self._read)
        except _Unusable as error:
            # People and callers are not told where files are.
            log.error("signin.no_proof", provider=asked.name, cause=str(error))  # noqa: TRY400
            raise missing_proof(asked) from None
        return assertion_proof(asked, assertion)

    @override
    def method(self, asked: Asked) -> str:
        return "private_key_jwt"

    @override
    async def diagnoses(self, now: datetime) -> Sequence[Diagnosis]:
        try:
            assertion = await asyncio.to_thread(self._read)
        except _Unusable as error:
            return [
                Diagnosis(
                    "The hub's assertion cannot be read.",
                    Verdict.FAILED,
                    str(error),
                    "See that whatever issues it (such as the cluster's workload identity) writes "
                    "this file, and that the hub may read it.",
                    _DOCS,
                )
            ]
        ends = _end_of(assertion)
        if ends is not None and ends <= now + _SOON:
            return [
                Diagnosis(
                    "The hub's assertion has ended, and was not replaced.",
                    Verdict.FAILED,
                    f"what is in {self.path} was good until {ends:%Y-%m-%d %H:%M} UTC",
                    "See to whatever issues it, and to the clock of this machine.",
                    _DOCS,
                )
            ]
        return [Diagnosis(f"The hub's assertion is read from {self.path}.")]

    def _read(self) -> str:
        try:
            # One that blocks (a pipe) would hold a thread for good.
            opened = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with open(opened, "rb") as file:  # noqa: PTH123 - a descriptor, no path
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise _Unusable(f"{self.path} is no file")
                raw = file.read(_LARGEST_FILE + 1)
        except (OSError, ValueError) as error:
            words = getattr(error, "strerror", None) or "no path"
            raise _Unusable(f"{self.path} cannot be read ({words})") from None
        if len(raw) > _LARGEST_FILE:
            raise _Unusable(f"{self.path} is larger than {_LARGEST_FILE // 1024} KiB")
        assertion = raw.strip()
        if not assertion:
            raise _Unusable(f"{self.path} is empty")
        if not _JWS.fullmatch(assertion):
            raise _Unusable(f"{self.path} holds no signed token (JWT)")
        return assertion.decode("ascii")


class _Unusable(Exception):
    """The file holds nothing that could be sent; the words name it, and nothing of its content."""


def assertion_proof(asked: Asked, assertion: str) -> Proof:
    """Return the proof that *assertion* is (RFC 7523, section 2.2)."""
    form = {
        "client_id": asked.client_id,
        "client_assertion_type": JWT_BEARER,
        "client_assertion": assertion,
    }
    return Proof(form, secrets={"client_assertion": assertion})


def missing_proof(asked: Asked) -> ProofMissing:
    """Return the error for people and callers, who are told no more than this."""
    return ProofMissing(
        f"the hub cannot prove itself to {asked.title}",
        remedy="Tell the operator: mainhub doctor says what is missing.",
    )


def _end_of(assertion: str) -> datetime | None:
    """Return when *assertion* says that it ends, as far as that can be read."""
    body = assertion.split(".")[1]
    try:
        claims = orjson.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        return datetime.fromtimestamp(claims["exp"], UTC)
    except (KeyError, OSError, OverflowError, TypeError, ValueError):
        return None
