"""What a client of the control plane signs, against what it sends."""

import asyncio

import pytest
from websockets.asyncio.server import serve

from podium_program.dialing import dialed
from podium_protocol.signing import Credentials, Signer, host_header

KEY = Credentials(access_key_id="AKIDEXAMPLE", secret_access_key="secret")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://one:443/", "one"),
        ("wss://one:443/ws", "one"),
        ("http://one:80", "one"),
        ("ws://one:443", "one:443"),
        ("wss://[::1]:9300", "[::1]:9300"),
    ],
)
def test_the_port_that_a_scheme_has_anyway_is_not_said(url, host):
    assert host_header(url) == host


class Told(Signer):
    """Adds what it signed to what it sends."""

    def headers(self, method, host, target, **more):
        return {**super().headers(method, host, target, **more), "X-Signed": f"{method} {host} {target}"}


@pytest.mark.parametrize("target", ["/proxy", "/ws?agent=1&seq=2"])
def test_what_is_signed_is_what_is_sent(target):
    seen = []

    async def hear(socket):
        request = socket.request
        seen.append((request.headers["X-Signed"], f"GET {request.headers['Host']} {request.path}"))

    async def run():
        async with serve(hear, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            signer = Told(credentials=KEY, region="us-east-1")
            async with dialed(f"ws://127.0.0.1:{port}{target}", signer, largest=1024) as socket:
                await socket.wait_closed()

    asyncio.run(run())
    ((signed, sent),) = seen
    assert signed == sent
