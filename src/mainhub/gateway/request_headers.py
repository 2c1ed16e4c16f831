"""Which of a client's headers a service gets to see, and what the hub says instead.

A service behind the gateway trusts some headers to come from the hub. So whatever could be taken
for the hub's word is removed by prefix, not by list (GHSA-6384-m2mw-rf54: a list forgot
``X-Forwarded-Prefix``), and the hub's own are added last, out of reach of what the client's
``Connection`` header names (CVE-2025-48865).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final
from urllib.parse import urlsplit

from mainhub.gateway.path import PREFIX

__all__ = ["connection_options", "forwarded", "relayed", "sole"]

Headers = Sequence[tuple[bytes, bytes]]

# RFC 9110, 7.6.1, with what older proxies use; Expect is answered by the server in front.
_HOP_BY_HOP: Final = frozenset(
    b"connection keep-alive proxy-connection te trailer transfer-encoding upgrade http2-settings"
    b" expect".split()
)
_OURS: Final = frozenset(
    # The hub says these itself.
    b"host content-length traceparent x-request-id"
    # The hub's own credentials and those that a page could forge.
    b" authorization cookie cookie2"
    # Where the call came from: the hub has judged it. A service that judged it once more would
    # refuse the hub's origin as foreign, and would keep addresses of pages in its logs.
    b" origin referer access-control-request-method access-control-request-headers"
    b" access-control-request-private-network"
    # Facts about the trace that anyone can make up, and that services put into their own logs.
    b" baggage"
    # Addresses and methods under further names.
    b" forwarded via true-client-ip client-ip fastly-client-ip"
    b" x-client-ip x-cluster-client-ip x-http-method x-method-override x-host x-http-host-override"
    b" x-http-destinationurl x-jwt-assertion x-originating-ip x-azure-clientip x-azure-socketip"
    b" fly-client-ip do-connecting-ip x-scheme x-url-scheme x-script-name script-name x-base-path"
    b" x-https front-end-https x-waws-unencoded-url"
    # Who somebody is, in words of their own.
    b" x-email x-account x-login x-principal x-identity x-sub x-subject x-preferred-username"
    b" x-on-behalf-of x-act-as x-admin x-is-admin sm-user sm-universalid eppn persistent-id"
    b" gap-auth x-spiffe-id x-anonymous-consumer x-jwt x-jwt-payload"
    # What servers and frameworks tell themselves (CVE-2025-29927, CVE-2025-61780).
    b" x-middleware-subrequest l5d-dst-override authentication".split()
)
# Each has been taken by some server or framework for what its front proxy vouches for.
_VOUCHED: Final = (
    b"x-forward",
    b"x-real",
    b"x-original",
    b"x-rewrite",
    b"x-replaced-",
    b"x-user",
    b"x-auth",
    b"x-remote",
    b"x-http-method-",
    b"x-ms-client-",
    b"x-ms-token-",
    b"x-amzn-oidc-",
    b"x-goog-",
    b"x-envoy-",
    b"x-client-cert",
    b"x-ssl-",
    b"x-mainhub-",
    b"x-token-",
    b"x-id-token",
    b"x-access-token",
    b"x-proxy-",
    b"x-arr-",
    b"ssl-",
    b"remote-",
    b"client-cert",
    b"proxy-",
    b"cf-",
    b"oidc-",
    b"iv-",
    b"x-webauth-",
    b"x-sso-",
    b"x-saml-",
    b"x-http-user",
    b"x-role",
    b"x-group",
    b"x-impersonate-",
    b"impersonate-",
    b"x-consumer-",
    b"x-credential-",
    b"x-pomerium-",
    b"x-vouch-",
    b"x-appengine-",
    b"x-hasura-",
    b"x-endpoint-api-",
    b"x-apigateway-",
    b"x-tls-",
    b"tls-",
    b"x-clientcert",
    b"x-cert-",
    b"x-sendfile-",
    b"x-accel-",
    b"mellon-",
    b"shib-",
)
# An underscore becomes the hyphen of a real header in CGI, WSGI and their like (CVE-2025-64484),
# and some servers fold further signs; so a name that is not letters, digits and hyphens is dropped.
_PLAIN_NAME: Final = re.compile(rb"[a-z0-9-]+")


def relayed(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return the headers of a client that its service may see, names in lower case."""
    listed = connection_options(headers)
    return [
        (name, value)
        for name, value in ((name.lower(), value) for name, value in headers)
        if name not in listed
        and name not in _HOP_BY_HOP
        and name not in _OURS
        and not name.startswith(_VOUCHED)
        and _PLAIN_NAME.fullmatch(name)
    ]


def forwarded(address: str, *, own_origin: str, service: str) -> list[tuple[bytes, bytes]]:
    """Return the headers that tell a service whom it answers, and under which address.

    They are the hub's own knowledge: *address* of the client, and its own origin and prefix.
    """
    origin = urlsplit(own_origin)
    headers = [
        (b"x-forwarded-proto", origin.scheme.encode()),
        (b"x-forwarded-host", origin.netloc.encode()),
        (b"x-forwarded-prefix", f"{PREFIX}{service}".encode()),
    ]
    if address:
        headers.append((b"x-forwarded-for", address.encode()))
    return headers


def connection_options(headers: Iterable[tuple[bytes, bytes]]) -> frozenset[bytes]:
    """Return the names that ``Connection`` lists, in lower case: headers meant for one hop only."""
    return frozenset(
        option.strip().lower()
        for name, value in headers
        if name.lower() == b"connection"
        for option in value.split(b",")
    )


def sole(headers: Headers, wanted: bytes) -> str | None:
    """Return the value of header *wanted*, or ``None``.

    Several are joined, as RFC 9110, 5.3 has it, so that none of them passes for the only one.
    """
    values = [value for name, value in headers if name == wanted]
    return b", ".join(values).decode("latin-1") if values else None
