"""A person who signs in to ``mainhub dev`` without a browser, and asks through the hub."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from http.client import HTTPConnection, HTTPResponse
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urljoin
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

from mainhub.simulator import ACCOUNTS

__all__ = ["asking", "session_of"]

PATIENCE = 60.0


def session_of(port: int, *, account: str = "linus") -> str:
    """Sign *account* in to the hub on *port*, and return the value of the session cookie."""
    jar = CookieJar()
    browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(jar))
    with browser.open(f"http://localhost:{port}/auth/login", timeout=PATIENCE) as picker:
        page, address = picker.read().decode(), picker.geturl()
    form = re.search(r'<form method="post" action="([^"]+)"', page)
    assert form is not None, page
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)"', page)
    filled = {name: unescape(value) for name, value in hidden}
    filled["account"] = next(one.oid for one in ACCOUNTS if one.address.startswith(account))
    target = urljoin(address, unescape(form[1]))
    with browser.open(target, urlencode(filled).encode(), timeout=PATIENCE):
        found = {cookie.name: cookie.value for cookie in jar}
    value = found.get("mainhub")
    assert value, f"no session among the cookies {sorted(found)}"
    return value


@contextmanager
def asking(port: int, path: str, session: str) -> Iterator[HTTPResponse]:
    """Ask the hub on *port* for *path*; the answer's body can be read as it comes."""
    connection = HTTPConnection("localhost", port, timeout=PATIENCE)
    try:
        headers = {"Cookie": f"mainhub={session}", "X-MainHub-Frontend": "dashboard"}
        connection.request("GET", path, headers=headers)
        yield connection.getresponse()
    finally:
        connection.close()
