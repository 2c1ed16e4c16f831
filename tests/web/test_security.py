from __future__ import annotations

from mainhub.web import BARE_POLICY, add_security_headers, page_policy

FIXED = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
}
ALWAYS = {*FIXED, b"permissions-policy", b"content-security-policy", b"cache-control"}


def test_a_page_may_run_only_what_its_nonce_vouches_for() -> None:
    policy = dict(part.split(" ", 1) for part in page_policy("N0nce").split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'nonce-N0nce' 'strict-dynamic'",
        "style-src": "'self' 'nonce-N0nce'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }


def test_a_page_may_be_given_further_origins() -> None:
    policy = page_policy("n", connect=["https://a.example", "https://b.example"], form_action=["x"])
    assert "connect-src 'self' https://a.example https://b.example; " in policy
    assert "form-action x; " in policy


def test_the_bare_policy_lets_nothing_load_or_frame() -> None:
    assert BARE_POLICY.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in BARE_POLICY


def test_everything_that_is_missing_is_added() -> None:
    headers: list[tuple[bytes, bytes]] = []
    add_security_headers(headers, https=False)
    found = dict(headers)
    assert set(found) == ALWAYS
    assert found.items() >= FIXED.items()
    assert found[b"cache-control"] == b"no-store"
    assert found[b"content-security-policy"] == BARE_POLICY.encode()


def test_what_a_room_said_stays() -> None:
    headers = [(b"Content-Security-Policy", b"own"), (b"Cache-Control", b"public")]
    add_security_headers(headers, https=False)
    names = [name.lower() for name, _ in headers]
    assert len(names) == len(set(names)) == len(ALWAYS)
    assert (b"Content-Security-Policy", b"own") in headers


def test_only_https_is_promised_for_the_future() -> None:
    headers: list[tuple[bytes, bytes]] = []
    add_security_headers(headers, https=True, cache=True)
    assert b"max-age=31536000" in dict(headers)[b"strict-transport-security"]
    assert b"cache-control" not in dict(headers)
