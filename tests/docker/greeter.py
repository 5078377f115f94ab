"""A web server as an image, in Python from Debian's smallest package: HTTP/1.1 and WebSockets, and a proper end."""

import subprocess
from functools import cache
from pathlib import Path

from demo.image import docker

from packing import debian, layers

IMAGE = "podium/greeter:1"
_KEPT = Path(__file__).parent.parent.parent / "build" / "greeter"
_PACKAGES = ("busybox-static", "python3.11-minimal")
_SERVER = b'''\
"""Says its VERSION to each request, and to each message of a WebSocket. On SIGTERM it closes those with 1001."""
import base64, hashlib, os, signal, socket, threading

VERSION = os.environ.get("VERSION", "?").encode()
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
over = threading.Event()
sockets, lock = set(), threading.Lock()


def serve(connection):
    file = connection.makefile("rb")
    while line := file.readline():
        fields = {}
        while (field := file.readline().strip()):
            name, _, value = field.partition(b":")
            fields[name.lower()] = value.strip()
        if fields.get(b"upgrade", b"").lower() == b"websocket":
            return talk(connection, file, fields[b"sec-websocket-key"])
        last = b"Connection: close\\r\\n" if over.is_set() else b""
        connection.sendall(b"HTTP/1.1 200 OK\\r\\n%sContent-Length: %d\\r\\n\\r\\n%s" % (last, len(VERSION), VERSION))
        if last:
            break
    connection.close()


def talk(connection, file, key):
    accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
    upgrade = b"HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
    connection.sendall(upgrade + b"Sec-WebSocket-Accept: " + accept + b"\\r\\n\\r\\n")
    with lock:
        sockets.add(connection)
    try:
        while head := file.read(2):
            length = head[1] & 0x7F
            file.read(4 + length)
            if head[0] & 0xF == 8:
                break
            with lock:
                connection.sendall(bytes((0x81, len(VERSION))) + VERSION)
    except OSError:
        pass
    with lock:
        sockets.discard(connection)
    connection.close()


def end(*_):
    over.set()


signal.signal(signal.SIGTERM, end)
listening = socket.create_server(("0.0.0.0", 8080), backlog=256)


def accept():
    while True:
        connection, _ = listening.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


threading.Thread(target=accept, daemon=True).start()
over.wait()
with lock:
    for each in sockets:
        each.sendall(bytes((0x88, 2)) + (1001).to_bytes(2, "big"))
for _ in range(100):
    if not sockets:
        break
    threading.Event().wait(0.01)
'''


@cache
def greeter() -> str:
    """The name of the image, in Docker by now."""
    layer = debian.layer(debian.fetched(_PACKAGES, _KEPT), ())
    layer.file("usr/local/bin/greeter.py", _SERVER)
    command = ["/usr/bin/python3.11", "-S", "-u", "/usr/local/bin/greeter.py"]
    archive = layers.archive(IMAGE, [layer.tar()], {"Cmd": command})
    subprocess.run([docker(), "load", "-q"], input=archive, check=True, capture_output=True)
    return IMAGE
