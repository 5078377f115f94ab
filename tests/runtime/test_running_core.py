"""The core at work: what callers see of a database that is slow, full, or somebody else's."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

import waiting
from podium.kernel.clock import WallClock
from podium.runtime.controller import Queue
from podium.runtime.core import Core, NotSaved
from podium.runtime.running import MOST_WAITING, RunningCore
from podium.store.database import Deposed, OutcomeUnknown, StoreError
from podium.store.records import record
from podium.store.session import Change, Store, Transaction

pytestmark = pytest.mark.timeout(30)


@record(table="running_things")
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
    kinds = (Thing,)

    def keys(self, change: Change) -> Iterable[str]:
        return ["x"]

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return ["x"]

    def reconcile(self, tx: Transaction, key: str, now: Any) -> None:
        tx.put(Thing(arn="tidied"))


class Eager:
    """A controller with a long list of things to write, ten at a time."""

    name = "eager"
    kinds = (Thing,)

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


class Endless:
    """A controller that is never done."""

    name = "endless"
    kinds = (Thing,)

    def __init__(self) -> None:
        self.turns, self.over = 0, False

    def keys(self, change: Change) -> Iterable[str]:
        return []

    def all_keys(self, tx: Transaction) -> Iterable[str]:
        return ["x"]

    def reconcile(self, tx: Transaction, key: str, now: Any) -> Any:
        self.turns += 1
        return None if self.over else now


class Watched(Queue):
    """A queue that knows which threads touch it."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def _drop_stale(self) -> None:
        self.threads.add(threading.get_ident())
        super()._drop_stale()


class Harness:
    def __init__(self, core: RunningCore, disk: Disk, reasons: list[str]) -> None:
        self.core, self.disk, self.reasons = core, disk, reasons


Story = Callable[[Harness], Awaitable[None]]


@asynccontextmanager
async def running(controllers: Sequence[Any] = (), failure: Exception | None = None) -> AsyncIterator[Harness]:
    disk, reasons = Disk(), list[str]()
    disk.failure = failure
    core = RunningCore(Core(Store([Thing]), controllers, WallClock()), disk, 1, reasons.append)  # type: ignore[arg-type]
    core.start()
    try:
        yield Harness(core, disk, reasons)
    finally:
        disk.may_go_on.set()
        await core.stop()


def run(story: Story, controllers: Sequence[Any] = (), failure: Exception | None = None) -> None:
    async def told() -> None:
        async with running(controllers, failure) as harness:
            await story(harness)

    asyncio.run(told())


async def until(condition: Callable[[], object], what: str) -> None:
    """The loop goes on meanwhile."""
    await asyncio.to_thread(waiting.until, condition, what)


def put(arn: str) -> Callable[[Transaction], str]:
    return lambda tx: tx.put(Thing(arn=arn)).arn


def arns(tx: Transaction) -> list[str]:
    return sorted(thing.arn for thing in tx.list(Thing))


def test_an_answer_comes_when_the_disk_has_it() -> None:
    async def story(harness: Harness) -> None:
        harness.disk.may_go_on.clear()
        call = asyncio.create_task(harness.core.call(put("a")))
        await until(lambda: harness.disk.tried, "the commit to begin")
        assert await harness.core.read(arns) == []
        assert not call.done()
        harness.disk.may_go_on.set()
        assert await call == "a"
        assert await harness.core.read(arns) == ["a"]

    run(story)


def test_what_comes_while_the_disk_is_busy_goes_in_one_group() -> None:
    async def story(harness: Harness) -> None:
        harness.disk.may_go_on.clear()
        first = asyncio.create_task(harness.core.call(put("first")))
        await until(lambda: harness.disk.tried, "the commit to begin")
        rest = [asyncio.create_task(harness.core.call(put(f"r{n}"))) for n in range(50)]
        await until(lambda: len(arns(harness.core.core.store.writing())) == 51, "all to have run")
        harness.disk.may_go_on.set()
        await asyncio.gather(first, *rest)
        assert [len(group) for group in harness.disk.groups] == [1, 50]

    run(story)


def test_a_full_disk_refuses_the_call_and_the_next_one_works() -> None:
    async def story(harness: Harness) -> None:
        harness.disk.failure = StoreError("Nothing was saved: disk full.")
        with pytest.raises(NotSaved, match="disk full"):
            await harness.core.call(put("a"))
        harness.disk.failure = None
        assert await harness.core.call(put("b")) == "b"
        assert await harness.core.read(arns) == ["b"]
        assert harness.reasons == []

    run(story)


def test_a_full_disk_is_not_asked_over_and_over() -> None:
    async def story(harness: Harness) -> None:
        await until(lambda: harness.disk.tried >= 2, "another try")
        assert harness.disk.tried <= 3
        harness.disk.failure = None
        await until(lambda: harness.disk.groups, "the repair")

    run(story, [Restless()], StoreError("Nothing was saved: disk full."))


@pytest.mark.parametrize("failure", [Deposed(), OutcomeUnknown("The last commit may or may not be on the disk.")])
def test_a_writer_that_may_not_write_any_more_steps_down_once(failure: StoreError) -> None:
    async def story(harness: Harness) -> None:
        harness.disk.failure = failure
        with pytest.raises(NotSaved):
            await harness.core.call(put("a"))
        await until(lambda: harness.reasons, "the word that it steps down")
        tried = harness.disk.tried
        with pytest.raises(NotSaved):
            await asyncio.wait_for(harness.core.call(put("b")), 10)
        assert await harness.core.read(arns) == []
        assert harness.reasons == [str(failure)]
        assert harness.disk.tried == tried

    run(story)


def test_controllers_wait_for_a_disk_that_is_far_behind_and_go_on_with_it() -> None:
    eager = Eager(MOST_WAITING * 4)

    async def story(harness: Harness) -> None:
        core, store = harness.core.core, harness.core.core.store
        await until(lambda: not eager.left, "all to be written")
        await until(lambda: sum(map(len, harness.disk.groups)) == MOST_WAITING * 4, "the disk to have it")
        harness.disk.may_go_on.clear()
        eager.left = MOST_WAITING * 4
        await harness.core.call(lambda tx: core.look_everywhere(core.clock.now()))
        await until(lambda: store.waiting > MOST_WAITING, "controllers to be ahead")
        left = eager.left
        assert await harness.core.read(arns), "the doors are open meanwhile"
        assert eager.left == left
        assert store.waiting <= MOST_WAITING + 10
        harness.disk.may_go_on.set()
        await until(lambda: not eager.left, "the rest")
        await until(lambda: not store.unsettled, "the disk to have it all")
        assert max(map(len, harness.disk.groups)) <= MOST_WAITING + 10

    run(story, [eager])


def test_the_doors_are_heard_between_two_turns_of_controllers_that_have_much_to_do() -> None:
    endless = Endless()

    async def story(harness: Harness) -> None:
        await until(lambda: endless.turns > 10, "the controller to be at work")
        before = endless.turns
        assert await asyncio.wait_for(harness.core.call(put("a")), 20) == "a"
        await until(lambda: endless.turns > before, "it to go on")
        endless.over = True

    run(story, [endless])


def test_stopping_finishes_what_was_asked() -> None:
    answers: list[str] = []

    async def story(harness: Harness) -> None:
        async def ask(n: int) -> None:
            answers.append(await harness.core.call(put(f"t{n}")))

        harness.disk.may_go_on.clear()
        calls = [asyncio.create_task(ask(n)) for n in range(500)]
        await until(lambda: harness.disk.tried, "the commit to begin")
        stopping = asyncio.create_task(harness.core.stop())
        harness.disk.may_go_on.set()
        await stopping
        await asyncio.gather(*calls)
        assert sum(len(group) for group in harness.disk.groups) == 500

    async def told() -> None:
        disk = Disk()
        core = RunningCore(Core(Store([Thing]), [], WallClock()), disk, 1, lambda reason: None)  # type: ignore[arg-type]
        core.start()
        await story(Harness(core, disk, []))

    asyncio.run(told())
    assert len(answers) == 500


def test_stopping_ends_controllers_that_would_go_on_for_ever() -> None:
    endless = Endless()

    async def story(harness: Harness) -> None:
        await until(lambda: endless.turns > 10, "the controller to be at work")

    run(story, [endless])
    assert not endless.over, "nobody told it to"


def test_a_caller_that_leaves_is_not_missed() -> None:
    async def story(harness: Harness) -> None:
        harness.disk.may_go_on.clear()
        leaves = asyncio.create_task(harness.core.call(put("a")))
        await until(lambda: harness.disk.tried, "the commit to begin")
        leaves.cancel()
        harness.disk.may_go_on.set()
        assert await harness.core.call(put("b")) == "b"
        assert await harness.core.read(arns) == ["a", "b"], "what it wrote is kept"

    run(story)


def test_the_core_is_on_the_loop_s_thread_alone() -> None:
    watched = Watched()

    async def story(harness: Harness) -> None:
        harness.core.core.queue = watched
        for n in range(50):
            await harness.core.call(put(f"t{n}"))
        assert watched.threads == {threading.get_ident()}

    run(story, [Restless()])


def test_a_question_to_the_database_is_put_between_two_commits() -> None:
    async def story(harness: Harness) -> None:
        await harness.core.call(put("a"))
        assert await harness.core.ask(lambda database: list(database.groups)) == [["a"]]  # type: ignore[attr-defined]
        with pytest.raises(StoreError, match="not there"):
            await harness.core.ask(_refused)

    run(story)


def _refused(database: Any) -> None:
    raise StoreError("The table is not there.")


@pytest.mark.parametrize("what", ["the disk", "what is shown of it"])
def test_a_bug_where_things_are_saved_ends_the_server_and_leaves_nobody_waiting(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(harness: Harness) -> None:
        if what == "the disk":
            harness.disk.failure = RuntimeError("a bug")
        else:
            monkeypatch.setattr(Store, "landed", _broken)
        with pytest.raises(NotSaved, match="a bug"):
            await asyncio.wait_for(harness.core.call(put("a")), 20)
        assert len(harness.reasons) == 1
        with pytest.raises(NotSaved):
            await asyncio.wait_for(harness.core.call(put("b")), 20)
        assert await harness.core.read(arns) == []

    run(story)


def _broken(*_: Any) -> None:
    raise RuntimeError("a bug")


def test_whoever_asks_after_the_end_is_told_so() -> None:
    async def story() -> None:
        async with running() as harness:
            await harness.core.call(put("a"))
        with pytest.raises(NotSaved, match="has ended"):
            await asyncio.wait_for(harness.core.call(put("b")), 20)
        with pytest.raises(StoreError, match="has ended"):
            await asyncio.wait_for(harness.core.ask(lambda database: None), 20)
        assert await harness.core.read(arns) == ["a"]

    asyncio.run(story())


def test_what_was_staged_before_the_start_is_saved_at_the_end() -> None:
    disk = Disk()
    answers: list[Any] = []

    async def told() -> None:
        core = RunningCore(Core(Store([Thing]), [], WallClock()), disk, 1, lambda reason: None)  # type: ignore[arg-type]
        core.core.write(put("a"), lambda result, error: answers.append(result))
        core.start()
        await asyncio.wait_for(core.stop(), 20)

    asyncio.run(told())
    assert (disk.groups, answers) == ([["a"]], ["a"])


def test_a_turn_that_fails_is_not_the_end_of_all_others(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = Endless()
    turn, failed = Core.turn, list[int]()

    def failing(core: Core) -> bool:
        if endless.turns == 5 and not failed:
            failed.append(1)
            raise RuntimeError("a bug")
        return turn(core)

    async def story(harness: Harness) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
        await until(lambda: endless.turns > 10, "the controller to go on")
        assert failed

    monkeypatch.setattr(Core, "turn", failing)
    run(story, [endless])


def test_how_long_commits_take_is_measured() -> None:
    async def story(harness: Harness) -> None:
        for n in range(3):
            await harness.core.call(put(f"t{n}"))
        assert harness.core.commits == 3
        assert harness.core.commit_seconds >= harness.core.slowest_commit > 0

    run(story)
