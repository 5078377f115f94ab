"""Requests of tasks on their way to Podium's API, over real sockets."""

import asyncio
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from podium_agent.endpoint.relay import Relay

ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"


def relayed(*pieces, tls=None, known=True):
    """What a control plane hears of what a task sends, and what the task gets back."""
    return asyncio.run(_relayed(pieces, tls, known))


async def _relayed(pieces, tls, known):
    heard, over = bytearray(), asyncio.Event()

    async def control_plane(reader, writer):
        try:
            heard.extend(await reader.readuntil(b"\r\n\r\n"))
            heard.extend(await _body(reader, bytes(heard)))
            with suppress(TimeoutError):  # whatever more there is would be here by then
                heard.extend(await asyncio.wait_for(reader.read(1000), 0.1))
            writer.write(ANSWER)
        except asyncio.IncompleteReadError as error:
            heard.extend(error.partial)
        finally:
            writer.close()
            over.set()

    upstream = await asyncio.start_server(control_plane, "127.0.0.1", 0, ssl=tls[0] if tls else None)
    url = f"{'https' if tls else 'http'}://127.0.0.1:{upstream.sockets[0].getsockname()[1]}"

    async def route(caller):
        assert caller == "127.0.0.1"
        return url if known else ""

    door = await asyncio.start_server(Relay(route, tls[1] if tls else None).serve, "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", door.sockets[0].getsockname()[1])
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    if not pieces[-1]:
        writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 10)
    if heard:
        await asyncio.wait_for(over.wait(), 10)
    for server in (door, upstream):
        server.close()
    writer.close()
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()}, return_exceptions=True)
    for _ in range(5):
        await asyncio.sleep(0)  # closed transports let go of their sockets in the loop's next turns
    return bytes(heard), answer


async def _body(reader, head):
    if b"chunked" in head:
        return await reader.readuntil(b"0\r\n\r\n")
    length = head.partition(b"content-length: ")[2].split(b"\r\n")[0]
    return await reader.readexactly(int(length or b"0"))


def test_a_request_goes_on_with_the_host_it_was_signed_for():
    head = b"POST /?a=b%20c HTTP/1.1\r\nHost: 169.254.170.2:51681\r\nX-Amz-Date: d\r\nContent-Length: 6\r\n\r\n"
    heard, answer = relayed(head, b"abc", b"def")
    assert heard == (
        b"POST /?a=b%20c HTTP/1.1\r\nhost: 169.254.170.2:51681\r\nx-amz-date: d\r\ncontent-length: 6\r\n"
        b"connection: close\r\n\r\nabcdef"
    )
    assert answer == ANSWER


def test_what_follows_the_body_is_not_passed_on():
    heard, answer = relayed(
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nxGET /_podium/health HTTP/1.1\r\n\r\n"
    )
    assert heard.endswith(b"\r\n\r\nx")
    assert answer == ANSWER


def test_chunks_are_written_anew_and_end_where_they_end():
    head = b"PUT /k HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    heard, answer = relayed(head, b"3;x=y\r\nabc\r\n", b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n")
    assert heard.endswith(b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    assert answer == ANSWER


def test_a_body_that_is_shorter_than_was_said_ends_the_connection():
    heard, answer = relayed(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc", b"")
    assert heard.endswith(b"connection: close\r\n\r\n")
    assert answer == b""


def test_an_address_of_no_task_is_not_served():
    heard, answer = relayed(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", known=False)
    assert heard == b""
    assert answer.startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"400"),
        (b"GET /_podium/health HTTP/1.1\r\nHost: h\r\n\r\n", b"403"),
        (b"GET /a/../%5Fpodium/health HTTP/1.1\r\nHost: h\r\n\r\n", b"403"),
        (b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n", b"403"),
        (b"GET /acs/ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n", b"403"),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", b"400"),
        (b"GET http://h/_podium/health HTTP/1.1\r\nHost: h\r\n\r\n", b"400"),
    ],
)
def test_what_is_not_for_tasks_or_not_plain_is_refused(request_, status):
    heard, answer = relayed(request_)
    assert heard == b""
    assert answer.startswith(b"HTTP/1.1 " + status)


def test_the_relay_speaks_tls_where_the_control_plane_does(tmp_path):
    heard, answer = relayed(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", tls=_certified(tmp_path))
    assert heard == b"GET / HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n"
    assert answer == ANSWER


def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path):
    server, _ = _certified(tmp_path)
    heard, answer = relayed(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", tls=(server, ssl.create_default_context()))
    assert heard == b""
    assert answer.startswith(b"HTTP/1.1 503 ")


def _certified(folder):
    """A server's context with a certificate for 127.0.0.1, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "podium")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "cert.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return server, ssl.create_default_context(cadata=pem.decode())
