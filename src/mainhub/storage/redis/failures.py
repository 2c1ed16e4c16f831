"""What can go wrong with Redis, in words for people and without a password."""

import socket
import ssl
from collections.abc import Iterator
from typing import Final

import redis.exceptions as driver

from mainhub.errors import Unavailable

__all__ = ["FAILURES", "RedisUnavailable", "why"]

FAILURES: Final = (driver.RedisError, OSError, TimeoutError)
"""What the driver raises where Redis fails it."""

_LONGEST: Final = 200


class RedisUnavailable(Unavailable):
    """Redis cannot be used."""


_CHECK_HOST: Final = "Check host and port in redis.url."
_CHECK_PASSWORD: Final = "Check user and password in redis.url, or redis.password."  # noqa: S105
_IS_IT_THERE: Final = "Is the server running and reachable? Check host and port in redis.url."
_CHECK_TLS: Final = "Check rediss:// and ?ssl_ca_certs= in redis.url against the server."
_WAIT: Final = "It is used as soon as it is ready."


def why(error: BaseException, where: str) -> RedisUnavailable:
    """Name *error*, which came up at *where*, a host and port."""
    if isinstance(error, RedisUnavailable):
        return error
    for link in _chain(error):
        told = _of_system(link, where) or _of_server(link, where)
        if told is not None:
            return RedisUnavailable(told[0], remedy=told[1])
    text = " ".join(str(error).split())[:_LONGEST]
    return RedisUnavailable(f"{where} failed: {text or type(error).__name__}", remedy=_CHECK_HOST)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield *error* and what led to it, the first cause first: it is the one that tells."""
    links: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in links:
        links.append(at)
        at = at.__cause__ or at.__context__
    yield from reversed(links)


def _of_system(error: BaseException, where: str) -> tuple[str, str] | None:
    # The narrower ones first: most are kinds of OSError.
    reasons: tuple[tuple[type[BaseException], str, str], ...] = (
        (socket.gaierror, f"the host of {where} is unknown", _CHECK_HOST),
        (ssl.SSLCertVerificationError, f"the certificate of {where} is not trusted", _CHECK_TLS),
        (ssl.SSLError, f"{where} does not speak TLS as we do", _CHECK_TLS),
        (ConnectionRefusedError, f"{where} refuses the connection", _IS_IT_THERE),
        (ConnectionError, f"{where} broke the connection off", _IS_IT_THERE),
        (TimeoutError, f"{where} does not answer", _IS_IT_THERE),
        (driver.TimeoutError, f"{where} does not answer", _IS_IT_THERE),
        (FileNotFoundError, "the file in ?ssl_ca_certs= is not there", _CHECK_TLS),
    )
    for kind, told, remedy in reasons:
        if isinstance(error, kind):
            return told, remedy
    if isinstance(error, OSError):
        return f"{where} cannot be reached: {error.strerror or error}", _CHECK_HOST
    return None


def _of_server(error: BaseException, where: str) -> tuple[str, str] | None:
    text = str(error).lower()
    if isinstance(error, driver.AuthenticationError) and "required" in text:
        return f"{where} asks for a password", _CHECK_PASSWORD
    for kind, told, remedy in _KINDS:
        if isinstance(error, kind):
            return told.format(where), remedy
    for part, told, remedy in _TEXTS:
        if part in text:
            return told.format(where), remedy
    return None


_KINDS: Final[tuple[tuple[type[driver.RedisError], str, str], ...]] = (
    (driver.AuthenticationError, "{} does not take the user or the password", _CHECK_PASSWORD),
    (driver.BusyLoadingError, "{} is still loading its data", _WAIT),
    (driver.NoPermissionError, "{} does not let this user do what is needed", _CHECK_PASSWORD),
    (driver.ReadOnlyError, "{} is a replica, which may not be written", _CHECK_HOST),
    (driver.ClusterDownError, "the cluster around {} is down", _WAIT),
    (driver.InvalidResponse, "what answers at {} does not speak Redis", _CHECK_HOST),
)
_TEXTS: Final = (
    ("max number of clients", "{} has no connection left", "Raise maxclients there."),
    ("protected mode", "{} takes calls of its own machine only", "Set a password there."),
    (
        "db index",
        "{} has no such database",
        "Check redis.database and the path of redis.url.",
    ),
    ("cluster support disabled", "{} is no node of a cluster", "Write redis:// in redis.url."),
    ("closed by server", "{} broke the connection off", _IS_IT_THERE),
)
