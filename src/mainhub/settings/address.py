"""Where to listen, and where others are: ``host:port``, URLs, networks."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import SplitResult, urlsplit

from pydantic import PlainValidator
from typing_extensions import override

__all__ = [
    "Address",
    "BaseUrl",
    "Listen",
    "Network",
    "PageUrl",
    "is_loopback",
    "parse_base_url",
    "parse_listen",
    "parse_network",
    "parse_page_url",
]

_LISTEN: Final = "expected host:port, such as 127.0.0.1:8080 or [::1]:8080"
_BASE: Final = "expected an http or https URL without path, such as https://hub.example.com"
_PAGE: Final = "expected an http or https URL without query, such as https://hub.example.com/path"
_NETWORK: Final = (
    "expected a network such as 10.0.0.0/8 or fd00::/8, with no bit set after its prefix"
)
_HOST: Final = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_-]+)*", re.ASCII
)
_PORT: Final = re.compile(r"\d{1,5}", re.ASCII)
_LAST_PORT: Final = 65535
_URL: Final = re.compile(r"[!-~]+")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Address:
    """A host (name or IP address, no brackets) and a port to listen on."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return _is_loopback_host(self.host)

    @override
    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_listen(value: object) -> Address:
    """Return the address that *value* (``host:port``) means.

    Raises:
        ValueError: it means none; the message says what is expected.
    """
    if isinstance(value, Address):
        return value
    if not isinstance(value, str):
        raise ValueError(_LISTEN)  # noqa: TRY004  pydantic reports ValueError only
    host, _, port = value.strip().rpartition(":")
    host = host.lower()
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
        known = ":" in host and _is_ip(host)
    else:
        known = _is_host(host)
    if not known or not _PORT.fullmatch(port) or not 0 < int(port) <= _LAST_PORT:
        raise ValueError(_LISTEN)
    return Address(host, int(port))


def parse_base_url(value: object) -> str:
    """Return scheme and host (and port, if unusual) of *value*, which must hold nothing else.

    Raises:
        ValueError: it is no such URL; the message says what is expected.
    """
    parts = _split(value, _BASE)
    if parts.path not in ("", "/"):
        raise ValueError(_BASE)
    return _origin(parts)


def parse_page_url(value: object) -> str:
    """Return *value*, an absolute URL that may have a path but no query, as it stands.

    Raises:
        ValueError: it is no such URL; the message says what is expected.
    """
    _split(value, _PAGE)
    return str(value).strip()


def parse_network(value: object) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Return the network that *value* (CIDR, or one address) means.

    Raises:
        ValueError: it means none; the message says what is expected.
    """
    if isinstance(value, ipaddress.IPv4Network | ipaddress.IPv6Network):
        return value
    if not isinstance(value, str):
        raise ValueError(_NETWORK)  # noqa: TRY004  pydantic reports ValueError only
    try:
        return ipaddress.ip_network(value.strip())
    except ValueError:
        raise ValueError(_NETWORK) from None


def is_loopback(url: str) -> bool:
    """Say whether the host of *url*, as one of the parsers returned it, is this machine."""
    return _is_loopback_host(urlsplit(url).hostname or "")


def _split(value: object, expected: str) -> SplitResult:
    text = value.strip() if isinstance(value, str) else ""
    if not _URL.fullmatch(text) or "\\" in text or "?" in text or "#" in text:
        raise ValueError(expected)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(expected) from None
    known = _is_ip(host) if ":" in host else _is_host(host)
    if parts.scheme not in _DEFAULT_PORTS or not known or port == 0 or "@" in parts.netloc:
        raise ValueError(expected)
    return parts


def _origin(parts: SplitResult) -> str:
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = parts.port
    suffix = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def _is_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None


def _is_ip(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _is_loopback_host(host: str) -> bool:
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


Listen = Annotated[Address, PlainValidator(parse_listen)]
"""``host:port`` to listen on."""

BaseUrl = Annotated[str, PlainValidator(parse_base_url)]
"""An http or https URL without path, normalised, without a slash at its end."""

PageUrl = Annotated[str, PlainValidator(parse_page_url)]
"""An http or https URL, with a path perhaps, but neither user name, query nor fragment."""

Network = Annotated[ipaddress.IPv4Network | ipaddress.IPv6Network, PlainValidator(parse_network)]
"""An IP network."""
