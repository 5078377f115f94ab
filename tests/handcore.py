"""boto3 clients that never open a socket: requests end at a `Front` in this process, whose core is stepped by hand."""

import io
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, TypeVar
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config

from podium.journals.eventfile import Batch, SqliteEvents
from podium.journals.events import Stream
from podium.journals.jobs import Jobs
from podium.journals.kept import Journals
from podium.journals.metrics import Sample
from podium.journals.objects import Objects
from podium.journals.sqlite import SqliteMetrics
from podium.runtime.core import Core
from podium.server.front import Caller, Front
from podium.store.database import Database
from podium.store.session import Transaction
from podium.wire import refusals
from podium.wire.claims import claim_of
from podium.wire.message import Request
from podium.wire.refusals import refusal
from podium.wire.signing import Proven

T = TypeVar("T")
ENDPOINT = "http://127.0.0.1:4566"

_session = boto3.session.Session(aws_access_key_id="unused", aws_secret_access_key="unused", region_name="us-east-1")


class HandCore:
    """What a door sees of the core: each call runs, and is durable, before it returns."""

    def __init__(self, core: Core, database: Database, epoch: int) -> None:
        self.core, self._database, self._epoch = core, database, epoch

    async def call(self, work: Callable[[Transaction], T]) -> T:
        return self.run(work)

    async def read(self, work: Callable[[Transaction], T]) -> T:
        return self.run(work, reads=True)

    def run(self, work: Callable[[Transaction], T], reads: bool = False) -> T:
        answers: list[tuple[Any, BaseException | None]] = []
        (self.core.read if reads else self.core.write)(work, lambda result, error: answers.append((result, error)))
        self.settle()
        [(result, error)] = answers
        if error is not None:
            raise error
        return result

    def settle(self) -> None:
        """Make everything durable."""
        while (batch := self.core.seal()) is not None:
            if batch.group is not None:
                self._database.commit(batch.group.changes, self._epoch)
            self.core.landed(batch)


class HandJournals:
    """What a door sees of the journals: they are in memory, and written by whoever appends. Made once somebody asks."""

    def __init__(self) -> None:
        self.kept: Journals | None = None
        self.metrics_kept = True

    async def call(self, work: Callable[[Journals], T]) -> T:
        if self.kept is None:
            self.kept = Journals(
                events=HandEvents(SqliteEvents(":memory:")),
                jobs=Jobs(lambda work: work()),
                objects=Objects(":memory:"),
                metrics=HandMetrics(SqliteMetrics(":memory:")) if self.metrics_kept else None,
            )
        return work(self.kept)


class HandMetrics:
    """Metrics without a writer's thread: what is appended is there before anyone could wait for it."""

    def __init__(self, kept: SqliteMetrics) -> None:
        self._kept = kept
        self.read, self.list = kept.read, kept.list

    def __del__(self) -> None:
        self._kept.close()

    def append(self, samples: Sequence[Sample]) -> "Future[None]":
        self._kept.write(samples)
        return _done(None)

    def forget(self, before: int) -> "Future[None]":
        last: int | None = 0
        while last is not None:
            last = self._kept.forget_some(before, last, 2)
        return _done(None)


class HandEvents:
    """Log events without a writer's thread."""

    def __init__(self, kept: SqliteEvents) -> None:
        self._kept = kept
        self.read, self.spans, self.stored, self.held = kept.read, kept.spans, kept.stored, kept.held
        self.newest, self.arrived = kept.newest, kept.arrived

    def __del__(self) -> None:
        self._kept.close()

    def append(self, stream: Stream, lines: Sequence[tuple[int, str]], ingested: int) -> "Future[int]":
        [last] = self._kept.write([Batch(stream, [(at, message.encode()) for at, message in lines], ingested)])
        return _done(last)

    def forget(self, group: str, before: int) -> "Future[None]":
        for _ in self._kept.forgetting(group, before):
            pass
        return _done(None)

    def forget_streams(self, streams: Collection[str]) -> "Future[None]":
        for _ in self._kept.forgetting_streams(streams):
            pass
        return _done(None)


def _done(result: T) -> "Future[T]":
    future: Future[T] = Future()
    future.set_result(result)
    return future


class TrustingFront(Front):
    """Believes whoever signs, as far as keys exist, so that the test's own clock may tell any time."""

    async def _proved(self, request: Request, endpoint: str, peer: str) -> tuple[Caller, Proven]:
        claim = claim_of(request)
        key = await self._callers.key(claim, self._clock.now())
        if key is None:
            raise refusal(refusals.UNKNOWN_KEY, request)
        if key.principal.has_expired(self._clock.now()):
            raise refusal(refusals.EXPIRED_SESSION, request)
        proven = Proven(
            access_key_id=claim.access_key_id, region=claim.region, service=claim.service, signed_at=claim.signed_at
        )
        return Caller(key.principal, proven.access_key_id, proven.region, peer), proven


def client(
    front: Front, service: str, region: str, key: tuple[str, ...], peer: str = "127.0.0.1", endpoint: str = ENDPOINT
) -> Any:
    """An unmodified boto3 client on the host `peer`. It tries once, and leaves every check to the server."""

    def answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        response = finished(front.answer(_received(request), endpoint, peer))
        if response.flow is not None:
            finished(response.flow.aclose())
        return AWSResponse(request.url, response.status, response.headers, _Body(response.body))

    made = _session.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=key[0],
        aws_secret_access_key=key[1],
        aws_session_token=key[2] if len(key) > 2 else None,
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )
    made.meta.events.register("before-send", answer)
    return made


class _Body(io.BytesIO):
    """A response's body as botocore reads it."""

    def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
        yield self.read()


def _received(request: AWSPreparedRequest) -> Request:
    """What the server's door makes of the same bytes."""
    url = urlsplit(request.url)
    headers = {
        name.lower(): value.decode("latin-1") if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    headers.setdefault("host", url.netloc)
    return Request(request.method, url.path or "/", url.query, headers, _bytes(request.body))


def _bytes(body: Any) -> bytes:
    """Of a text, of bytes, or of what can be read."""
    if hasattr(body, "read"):
        body = body.read()
    return body.encode() if isinstance(body, str) else bytes(body or b"")


def finished(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run to its end a coroutine that never has to wait."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    raise AssertionError("an operation waited for something that cannot happen in process")
