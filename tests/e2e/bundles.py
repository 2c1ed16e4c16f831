"""A server of front-end bundles that can be told to be broken, on another origin than the hub."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["HEALTHY", "Bundles", "bundles"]

HEALTHY = """
export const bootstrap = async () => {};
export const mount = async ({ domElement, name }) => {
  const heading = document.createElement("h1");
  heading.textContent = `${name} is well`;
  domElement.append(heading);
};
export const unmount = async ({ domElement }) => domElement.replaceChildren();
"""


class Bundles:
    """What each path answers; anything else is 404."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.scripts: dict[str, str] = {}
        self.failures: dict[str, list[int]] = {}
        self.silent: set[str] = set()
        self.asked: list[str] = []
        self.release = threading.Event()

    def url(self, name: str) -> str:
        return f"{self.origin}/{name}.js"


@contextmanager
def bundles() -> Iterator[Bundles]:
    """Serve until the end; requests that hang are let go then."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    found = Bundles(f"http://127.0.0.1:{server.server_port}")
    server.bundles = found  # type: ignore[attr-defined]  # handlers know only their server
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found: Bundles = self.server.bundles  # type: ignore[attr-defined]  # as above
        name = self.path.strip("/").removesuffix(".js")
        found.asked.append(name)
        if name in found.silent:
            found.release.wait(60)
            self.close_connection = True
            return
        failures = found.failures.get(name, [])
        if failures:
            self._answer(failures.pop(0), "")
        elif name in found.scripts:
            self._answer(200, found.scripts[name])
        else:
            self._answer(404, "")

    def _answer(self, status: int, script: str) -> None:
        body = script.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/javascript")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
