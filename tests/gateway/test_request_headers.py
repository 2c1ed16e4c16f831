from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainhub.gateway.request_headers import forwarded, relayed, sole

KEPT = [
    (b"accept", b"application/json"),
    (b"accept-encoding", b"gzip, br"),
    (b"accept-language", b"fr"),
    (b"content-type", b"application/json"),
    (b"if-none-match", b'"1"'),
    (b"range", b"bytes=0-9"),
    (b"user-agent", b"Firefox"),
    (b"sec-fetch-site", b"same-origin"),
    (b"x-correlation-id", b"1"),
    (b"idempotency-key", b"1"),
]

DROPPED = {
    "CVE-2025-64484: underscores": b"x_forwarded_user",
    "underscores in any name": b"content_type",
    "names that CGI folds": b"x.forwarded.user",
    "GHSA-6384-m2mw-rf54: forgotten prefix": b"x-forwarded-prefix",
    "forwarded by prefix": b"x-forwarded-anything",
    "RFC 7239": b"forwarded",
    "CVE-2026-40575: forwarded URI": b"x-forwarded-uri",
    "real address": b"x-real-ip",
    "original URL": b"x-original-url",
    "rewritten URL": b"x-rewrite-url",
    "replaced path": b"x-replaced-path",
    "user": b"x-user",
    "user's mail": b"x-user-email",
    "auth request": b"x-auth-request-user",
    "authenticated user": b"x-authenticated-user",
    "remote user": b"x-remote-user",
    "remote user, bare": b"remote-user",
    "App Service principal": b"x-ms-client-principal",
    "App Service token": b"x-ms-token-aad-access-token",
    "method override": b"x-http-method-override",
    "method override, short": b"x-method-override",
    "client certificate": b"x-client-cert",
    "TLS facts": b"x-ssl-client-s-dn",
    "envoy": b"x-envoy-original-path",
    "Grafana's user": b"x-webauth-user",
    "Kubernetes' user": b"impersonate-user",
    "Kong's consumer": b"x-consumer-username",
    "Pomerium's proof": b"x-pomerium-jwt-assertion",
    "Hasura's role": b"x-hasura-role",
    "WebSEAL's groups": b"iv-groups",
    "SiteMinder's user": b"sm-user",
    "roles": b"x-roles",
    "impersonation": b"x-impersonate-user",
    "claims in JSON": b"x-endpoint-api-userinfo",
    "address, further": b"x-originating-ip",
    "prefix of a script": b"x-script-name",
    "scheme": b"x-scheme",
    "certificate of the client": b"tls-client-cert",
    "CVE-2025-29927: middleware": b"x-middleware-subrequest",
    "CVE-2025-61780: sent files": b"x-accel-mapping",
    "hostile 33: authorization": b"authorization",
    "proxy authorization": b"proxy-authorization",
    "proxy": b"proxy-connection",
    "httpoxy": b"proxy-",
    "hostile 36: cookies": b"cookie",
    "CSRF header": b"x-mainhub-csrf",
    "origin": b"origin",
    "referer": b"referer",
    "preflight": b"access-control-request-method",
    "hostile 15: HTTP2-Settings": b"http2-settings",
    "upgrade": b"upgrade",
    "connection": b"connection",
    "keep-alive": b"keep-alive",
    "te": b"te",
    "trailer": b"trailer",
    "transfer coding": b"transfer-encoding",
    "length": b"content-length",
    "expect": b"expect",
    "host": b"host",
    "request id": b"x-request-id",
    "trace": b"traceparent",
    "baggage": b"baggage",
}


def test_keeps_what_a_service_needs() -> None:
    assert relayed(KEPT) == KEPT


@pytest.mark.parametrize("name", DROPPED.values(), ids=DROPPED)
def test_drops(name: bytes) -> None:
    assert relayed([(name, b"forged"), *KEPT]) == KEPT
    assert relayed([(name.upper(), b"forged"), *KEPT]) == KEPT


def test_drops_what_connection_lists() -> None:
    headers = [(b"connection", b"close, X-Hop"), (b"x-hop", b"1"), (b"Connection", b" x-other ")]
    assert relayed([*headers, (b"x-other", b"1"), *KEPT]) == KEPT


NAMES = st.sampled_from(sorted(DROPPED.values())).flatmap(
    lambda name: st.tuples(
        *[st.sampled_from([character.lower(), character.upper()]) for character in name.decode()]
    ).map("".join)
)
FOLDED = NAMES.flatmap(
    lambda name: st.lists(
        st.sampled_from("-_."), min_size=name.count("-"), max_size=name.count("-")
    ).map(lambda signs: "".join(signs.pop() if sign == "-" else sign for sign in name))
)


@given(
    forged=st.lists(FOLDED, max_size=5),
    listed=st.lists(
        st.sampled_from(["authorization", "x-forwarded-for", "host", "close", "te", ""])
    ),
)
def test_no_spelling_smuggles_an_identity(forged: list[str], listed: list[str]) -> None:
    headers = [(name.encode(), b"forged") for name in forged]
    headers.append((b"connection", ", ".join(listed).encode()))
    passed = {name for name, _ in relayed([*headers, *KEPT])}
    assert passed == {name for name, _ in KEPT}


def test_joins_what_came_more_than_once() -> None:
    headers = [(b"origin", b"https://a"), (b"origin", b"https://b")]
    assert sole(headers, b"origin") == "https://a, https://b"
    assert sole(headers, b"x-none") is None


def test_tells_a_service_whom_it_answers() -> None:
    headers = dict(forwarded("192.0.2.1", own_origin="https://hub.example:8443", service="orders"))
    assert headers == {
        b"x-forwarded-for": b"192.0.2.1",
        b"x-forwarded-proto": b"https",
        b"x-forwarded-host": b"hub.example:8443",
        b"x-forwarded-prefix": b"/api/orders",
    }
    nobody = forwarded("", own_origin="https://hub.example", service="orders")
    assert b"x-forwarded-for" not in dict(nobody)
