"""A service that answers half at once and the rest when it is told to, or never."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

__all__ = ["BEGINNING", "END", "SlowService", "slow_service"]

BEGINNING = b"the beginning, "
END = b"and the end of a long answer"


class SlowService:
    """Answers every path with :data:`BEGINNING`; ``/slow`` ends when *go_on* is set."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.go_on = threading.Event()
        self.over = threading.Event()


@contextmanager
def slow_service() -> Iterator[SlowService]:
    """Serve until the end; what hangs is let go then."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    found = SlowService(f"http://127.0.0.1:{server.server_port}")
    server.service = found  # type: ignore[attr-defined]  # handlers know only their server
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.over.set()
        found.go_on.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        service: SlowService = self.server.service  # type: ignore[attr-defined]  # as above
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(BEGINNING + END)))
        self.end_headers()
        self.wfile.write(BEGINNING)
        if self.path == "/slow":
            service.go_on.wait(60)
            self.wfile.write(END)
        else:
            service.over.wait(60)
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""
