from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from launch.podium_for_tests import Podium


@pytest.fixture
def a_podium(tmp_path):
    made = []

    def make(**settings):
        made.append(Podium(tmp_path / "data", **settings))
        return made[-1]

    yield make
    for podium in made:
        podium.close()


@pytest.fixture
def a_web_page():
    """Serves one path with one body; everything else is not found. Returns the url of the server."""
    servers = []

    def make(path, body):
        class Page(BaseHTTPRequestHandler):
            def do_GET(self):
                content = body.encode()
                self.send_response(200 if self.path == path else 404)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *words):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield make
    for server in servers:
        server.shutdown()
        server.server_close()
