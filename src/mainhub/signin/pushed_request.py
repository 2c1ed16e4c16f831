"""Pushed authorization requests (RFC 9126): a browser carries only the name of the request.

What a person is asked for then passes no browser, cannot be changed on the way, and comes from who
can prove to be the application.
"""

import re
from typing import Final

from mainhub.errors import Invalid
from mainhub.outbound import Answer
from mainhub.signin.failures import ProviderUnavailable
from mainhub.signin.metadata import Metadata
from mainhub.signin.trusted import Provider

__all__ = ["is_pushed", "may_fall_back", "read_request_uri"]

_TAKEN: Final = frozenset({200, 201})
# RFC 3986, section 3: a scheme and what follows, in visible ASCII.
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[\x21-\x7e]{1,1000}")


def is_pushed(provider: Provider, metadata: Metadata) -> bool:
    """Say whether requests to *provider* are pushed.

    They always are where it takes no others, whatever the settings say.

    Raises:
        ProviderUnavailable: they should be, and it does not say where to.
    """
    offered = metadata.pushed_authorization_request_endpoint is not None
    wanted = metadata.requires_pushed or provider.par == "always"
    if wanted and not offered:
        raise ProviderUnavailable(
            f"{provider.title} says nowhere that it takes pushed requests",
            remedy=f"Set identity.{provider.name}.par to auto, or ask the provider's operator.",
        )
    return wanted or (offered and provider.par == "auto")


def may_fall_back(provider: Provider, metadata: Metadata) -> bool:
    """Say whether a browser may carry the request where it could not be pushed."""
    return provider.par == "auto" and not metadata.requires_pushed


def read_request_uri(provider: Provider, answer: Answer) -> str:
    """Return what names the pushed request (RFC 9126, section 2.2).

    Raises:
        ProviderUnavailable: nothing usable was answered; an OAuth error is for the caller to read.
    """
    words = f"{provider.title} answered a pushed request with"
    if answer.status not in _TAKEN:
        raise ProviderUnavailable(f"{words} {answer.status}")
    try:
        body = answer.json()
    except Invalid as error:
        raise ProviderUnavailable(f"{words} nothing usable: {error}") from error
    name, seconds = body.get("request_uri"), body.get("expires_in")
    if not isinstance(name, str) or not _URI.fullmatch(name):
        raise ProviderUnavailable(f"{words} no usable request_uri")
    # A truth is a number to Python.
    if isinstance(seconds, bool) or not isinstance(seconds, int) or seconds <= 0:
        raise ProviderUnavailable(f"{words} no usable expires_in")
    return name
