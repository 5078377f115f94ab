"""A Docker Engine that knows a few containers and what they wrote."""

import json
import socketserver
import struct
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from threading import Thread
from urllib.parse import unquote, urlsplit


def frame(stream, payload):
    return struct.pack(">BxxxL", stream, len(payload)) + payload


@contextmanager
def a_docker_engine(path, containers=(), logs=None, subnet="127.0.0.0/8"):
    """Listens on a unix socket. `logs` gives what each container wrote, by its id; `subnet` is the bridge's."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked = unquote(urlsplit(self.path).path)
            if asked.endswith("/logs"):  # nothing more is written while somebody follows
                follows = "follow=true" in urlsplit(self.path).query
                return self.answer(b"" if follows else logs[asked.split("/")[2]])
            return self.answer(
                json.dumps(
                    {
                        "/version": {"Version": "20.10.24", "ApiVersion": "1.41"},
                        "/containers/json": list(containers),
                        "/networks/bridge": {"IPAM": {"Config": [{"Subnet": subnet}]}},
                    }[asked]
                ).encode()
            )

        def answer(self, content):
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *words):
            pass

        def address_string(self):
            return "unix"

    class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
        daemon_threads = True

    with Server(str(path), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()
