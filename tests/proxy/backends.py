"""Small HTTP servers that say who they are and what they were asked."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Backend:
    """`status` is what it answers; `seen` the paths and headers of requests, `checks` how many were health checks, and
    are not among those.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.status = 200
        self.headers: dict[str, str] = {}
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.checks = 0
        backend = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                checked = self.headers.get("User-Agent", "").startswith("ELB-HealthChecker")
                headers = {name.lower(): value for name, value in self.headers.items()}
                if checked:
                    backend.checks += 1
                else:
                    backend.seen.append((self.path, headers))
                body = json.dumps({"name": backend.name, "path": self.path, "headers": headers}).encode()
                self.send_response(backend.status)
                for name, value in backend.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_DELETE = do_GET

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def backends(*names: str) -> Iterator[list[Backend]]:
    made = [Backend(name) for name in names]
    try:
        yield made
    finally:
        for backend in made:
            backend.close()


def free_port() -> int:
    """One that nobody listens at, at any address of loopback."""
    with socket.socket() as tried:
        tried.bind(("0.0.0.0", 0))
        return int(tried.getsockname()[1])
