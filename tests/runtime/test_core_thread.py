"""The core with its threads: what callers see of a database that is slow, full, or somebody else's."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from podium.kernel.clock import WallClock
from podium.runtime.core import Core, NotSaved
from podium.runtime.thread import MOST_WAITING, CoreThread
from podium.store.database import Deposed, OutcomeUnknown, StoreError
from podium.store.records import record
from podium.store.session import Change, Store, Transaction
from waiting import until

pytestmark = pytest.mark.timeout(30)


@record(table="thread_things")
class Thing:
    arn: str


class Disk:
    """A database that takes what it is given, once it may, or fails as it is told."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.failure: Exception | None = None
        self.tried = 0

    def commit(self, changes: Sequence[Change], epoch: int) -> int:
        self.tried += 1
        assert self.may_go_on.wait(20)
        if self.failure is not None:
            raise self.failure
        self.groups.append([change.key for change in changes])
        return len(self.groups)


class Restless:
    """A controller that wants to write, and is woken by what it writes."""

    name = "restless"

    def keys(self, change: Change) -> Iterable[str]:
        return ["x"]

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return ["x"]

    def reconcile(self, tx: Transaction, key: str, now: Any) -> None:
        tx.put(Thing(arn="tidied"))


class Eager:
    """A controller with a long list of things to write, ten at a time."""

    name = "eager"

    def __init__(self, count: int) -> None:
        self.left = count
        self._written = 0

    def keys(self, change: Change) -> Iterable[str]:
        return []

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return ["x"]

    def reconcile(self, tx: Transaction, key: str, now: Any) -> Any:
        for _ in range(min(10, self.left)):
            tx.put(Thing(arn=f"e{self._written}"))
            self._written, self.left = self._written + 1, self.left - 1
        return now if self.left else None


class Harness:
    def __init__(self, core: CoreThread, disk: Disk, reasons: list[str]) -> None:
        self.core, self.disk, self.reasons = core, disk, reasons


@contextmanager
def running(controllers: Sequence[Any] = (), failure: Exception | None = None) -> Iterator[Harness]:
    disk, reasons = Disk(), list[str]()
    disk.failure = failure
    core = CoreThread(Core(Store([Thing]), controllers, WallClock()), disk, 1, reasons.append)  # type: ignore[arg-type]
    core.start()
    try:
        yield Harness(core, disk, reasons)
    finally:
        disk.may_go_on.set()
        core.stop()


def put(arn: str) -> Callable[[Transaction], str]:
    return lambda tx: tx.put(Thing(arn=arn)).arn


def _nobody(result: Any, error: BaseException | None) -> None:
    """Nobody waits for it."""


def arns(tx: Transaction) -> list[str]:
    return sorted(thing.arn for thing in tx.list(Thing))


def test_an_answer_comes_when_the_disk_has_it() -> None:
    async def story(harness: Harness) -> None:
        harness.disk.may_go_on.clear()
        call = asyncio.create_task(harness.core.call(put("a")))
        await asyncio.to_thread(until, lambda: harness.disk.tried, "the commit to begin")
        assert await harness.core.read(arns) == []
        assert not call.done()
        harness.disk.may_go_on.set()
        assert await call == "a"
        assert await harness.core.read(arns) == ["a"]

    with running() as harness:
        asyncio.run(story(harness))


def test_what_comes_while_the_disk_is_busy_goes_in_one_group() -> None:
    async def story(harness: Harness) -> None:
        harness.disk.may_go_on.clear()
        first = asyncio.create_task(harness.core.call(put("first")))
        await asyncio.to_thread(until, lambda: harness.disk.tried, "the commit to begin")
        rest = [asyncio.create_task(harness.core.call(put(f"r{n}"))) for n in range(50)]
        await asyncio.to_thread(until, lambda: len(arns(harness.core.core.store.writing())) == 51, "all to have run")
        harness.disk.may_go_on.set()
        await asyncio.gather(first, *rest)
        assert [len(group) for group in harness.disk.groups] == [1, 50]

    with running() as harness:
        asyncio.run(story(harness))


def test_a_full_disk_refuses_the_call_and_the_next_one_works() -> None:
    async def story(harness: Harness) -> None:
        harness.disk.failure = StoreError("Nothing was saved: disk full.")
        with pytest.raises(NotSaved, match="disk full"):
            await harness.core.call(put("a"))
        harness.disk.failure = None
        assert await harness.core.call(put("b")) == "b"
        assert await harness.core.read(arns) == ["b"]
        assert harness.reasons == []

    with running() as harness:
        asyncio.run(story(harness))


def test_a_full_disk_is_not_asked_over_and_over() -> None:
    with running([Restless()], StoreError("Nothing was saved: disk full.")) as harness:
        until(lambda: harness.disk.tried >= 2, "another try")
        assert harness.disk.tried <= 3
        harness.disk.failure = None
        until(lambda: harness.disk.groups, "the repair")


@pytest.mark.parametrize("failure", [Deposed(), OutcomeUnknown("The last commit may or may not be on the disk.")])
def test_a_writer_that_may_not_write_any_more_steps_down_once(failure: StoreError) -> None:
    async def story(harness: Harness) -> None:
        harness.disk.failure = failure
        with pytest.raises(NotSaved):
            await harness.core.call(put("a"))
        await asyncio.to_thread(until, lambda: harness.reasons, "the word that it steps down")
        tried = harness.disk.tried
        with pytest.raises(NotSaved):
            await asyncio.wait_for(harness.core.call(put("b")), 10)
        assert await harness.core.read(arns) == []
        assert harness.reasons == [str(failure)]
        assert harness.disk.tried == tried

    with running() as harness:
        asyncio.run(story(harness))


def test_controllers_wait_for_a_disk_that_is_far_behind_and_go_on_with_it() -> None:
    eager = Eager(MOST_WAITING * 4)
    with running([eager]) as harness:
        until(lambda: not eager.left, "all to be written")
        until(lambda: sum(map(len, harness.disk.groups)) == MOST_WAITING * 4, "the disk to have it")
        harness.disk.may_go_on.clear()
        eager.left = MOST_WAITING * 4
        harness.core.submit(lambda tx: harness.core.core.look_everywhere(harness.core.core.clock.now()), _nobody)
        store = harness.core.core.store
        until(lambda: store.waiting > MOST_WAITING, "controllers to be ahead")
        left = eager.left
        assert asyncio.run(harness.core.call(arns, reads=True)), "the doors are open meanwhile"
        assert eager.left == left
        assert store.waiting <= MOST_WAITING + 10
        harness.disk.may_go_on.set()
        until(lambda: not eager.left, "the rest")
    assert max(map(len, harness.disk.groups)) <= MOST_WAITING + 10


def test_a_question_goes_before_whatever_is_to_be_written() -> None:
    order: list[str] = []
    with running() as harness:
        held, begun = threading.Event(), threading.Event()
        harness.core.submit(lambda tx: (begun.set(), held.wait(10)), _nobody, reads=True)
        assert begun.wait(10)
        for _ in range(100):
            harness.core.submit(lambda tx: order.append("write"), _nobody)
        harness.core.submit(lambda tx: order.append("question"), _nobody, reads=True)
        held.set()
        until(lambda: len(order) == 101, "all to be done")
    assert order[0] == "question"


def test_stopping_finishes_what_was_asked() -> None:
    answers: list[str] = []
    with running() as harness:
        for n in range(500):
            harness.core.submit(put(f"t{n}"), lambda result, error: answers.append(result))
    assert len(answers) == 500
    assert sum(len(group) for group in harness.disk.groups) == 500


@pytest.mark.parametrize("waiting", [199, 200, 201])
def test_stopping_is_heard_wherever_it_comes_among_the_messages(waiting: int) -> None:
    with running() as harness:
        held = threading.Event()
        harness.core.submit(lambda tx: held.wait(10), lambda result, error: None, reads=True)
        for _ in range(waiting):
            harness.core.submit(arns, lambda result, error: None, reads=True)
        stopping = threading.Thread(target=harness.core.stop)
        stopping.start()
        held.set()
        stopping.join(10)
        assert not stopping.is_alive()


def test_how_long_commits_take_is_measured() -> None:
    async def story(harness: Harness) -> None:
        for n in range(3):
            await harness.core.call(put(f"t{n}"))
        assert harness.core.commits == 3
        assert harness.core.commit_seconds >= harness.core.slowest_commit > 0

    with running() as harness:
        asyncio.run(story(harness))
