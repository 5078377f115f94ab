"""One check of one target, on a connection of its own."""

import asyncio
import ssl
from dataclasses import dataclass

from podium_protocol.proxy import HealthCheck
from podium_proxy.checks import grpc_probe, http2_probe
from podium_proxy.checks.states import Outcome, failure, matches, mismatch, timeout

USER_AGENT = "ELB-HealthChecker/2.0"


@dataclass(frozen=True, kw_only=True)
class Question:
    """`source` is the address to ask from, None for any. `version` is the group's protocol version."""

    address: str
    port: int
    check: HealthCheck
    version: str | None = None
    source: str | None = None

    @property
    def asked(self) -> str:
        scheme = self.check["protocol"].lower()
        if scheme in ("http", "https"):
            verb = "gRPC" if self.version == "GRPC" else "GET"
            return f"{verb} {scheme}://{self.address}:{self.port}{self.check['path']}"
        return f"{scheme.upper()} {self.address}:{self.port}"


async def ask(question: Question) -> Outcome:
    """Never raises: what goes wrong is the outcome."""
    seconds = question.check["timeout"]
    try:
        async with asyncio.timeout(seconds):
            return await _ask(question)
    except TimeoutError:
        return timeout(question.asked, seconds)
    except ConnectionRefusedError:
        return failure(question.asked, "connection refused")
    except ssl.SSLError as error:
        return failure(question.asked, f"no TLS: {error.reason or error}")
    except OSError as error:
        return failure(question.asked, _words(error))


async def _ask(question: Question) -> Outcome:
    protocol = question.check["protocol"]
    if protocol in ("TCP", "TLS"):
        return await _connect(question)
    if question.version == "GRPC":
        return await _grpc(question)
    if question.version == "HTTP2":
        return await _get_http2(question)
    return await _get(question)


async def _connect(question: Question) -> Outcome:
    _, writer = await _open(question)
    writer.close()
    return Outcome()


async def _get(question: Question) -> Outcome:
    reader, writer = await _open(question)
    try:
        host = f"{question.address}:{question.port}"
        head = f"GET {question.check['path']} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
        writer.write(f"{head}User-Agent: {USER_AGENT}\r\nAccept-Encoding: gzip, compressed\r\n\r\n".encode())
        line = (await reader.readline()).decode("latin-1").strip()
    except ValueError:
        return failure(question.asked, "no HTTP")
    finally:
        writer.transport.abort() if question.check["protocol"] == "HTTPS" else writer.close()
    return _judged(question, line)


def _judged(question: Question, line: str) -> Outcome:
    version, _, status = line.partition(" ")
    code = status[:3]
    if not line:
        return failure(question.asked, "the connection was closed without an answer")
    if not version.startswith("HTTP/") or not code.isdigit():
        return failure(question.asked, f"no HTTP: {line[:80]!r}")
    if matches(question.check["matcher"], int(code)):
        return Outcome()
    return mismatch(code, question.asked, status)


async def _get_http2(question: Question) -> Outcome:
    reader, writer = await _open(question, ("h2",))
    host, scheme = f"{question.address}:{question.port}", question.check["protocol"].lower()
    try:
        code = await http2_probe.status(reader, writer, scheme, host, question.check["path"], USER_AGENT)
    except http2_probe.NoHttp2 as error:
        return failure(question.asked, str(error))
    except asyncio.IncompleteReadError:
        return failure(question.asked, "the connection was closed without an answer")
    finally:
        writer.close()
    return Outcome() if matches(question.check["matcher"], code) else mismatch(str(code), question.asked, str(code))


async def _grpc(question: Question) -> Outcome:
    code, text = await grpc_probe.status(question.address, question.port, question.check["path"])
    if code is None:
        return failure(question.asked, text)
    if matches(question.check["matcher"], code):
        return Outcome()
    return mismatch(str(code), question.asked, f"{code} {text}".strip())


async def _open(
    question: Question, protocols: tuple[str, ...] = ()
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    secure = question.check["protocol"] in ("HTTPS", "TLS")
    local = (question.source, 0) if question.source else None
    tls = _unverified(protocols) if secure else None
    return await asyncio.open_connection(question.address, question.port, ssl=tls, local_addr=local, limit=8192)


def _unverified(protocols: tuple[str, ...]) -> ssl.SSLContext:
    """ELB takes whatever certificate a target shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if protocols:
        context.set_alpn_protocols(protocols)
    return context


def _words(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).lower()
