"""What is refused before there is a request: bytes that are no HTTP."""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mainhub.telemetry import request_trace
from mainhub.web import add_security_headers, problems

__all__ = ["HubProtocol"]


class HubProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with the hub's own answer to what its parser cannot read."""

    def send_400_response(self, msg: str) -> None:
        """Answer with a problem and the security headers, then close.

        Which scheme the person used is unknown here, so no Strict-Transport-Security.
        """
        with request_trace(None) as trace:
            problem = problems.invalid(f"{msg} What was sent is no HTTP request.")
            body = problem.body()
            headers = problem.all_headers(body)
        add_security_headers(headers, https=False)
        headers += [(b"x-request-id", trace.request_id.encode()), (b"connection", b"close")]
        head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        status = f"HTTP/1.1 {problem.status} Bad Request\r\n".encode()
        self.transport.write(status + head + b"\r\n" + body)
        self.transport.close()
