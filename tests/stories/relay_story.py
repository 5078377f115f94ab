"""Containers that write numbered lines through the log relay of their host, while everything goes wrong in turn."""

import asyncio
import json
import random
from collections.abc import Coroutine
from pathlib import Path
from random import Random
from typing import Any

from inprocess import BEGINNING
from podium_agent.awslogs.spool import CREATE_GROUP, CREATE_STREAM, PUT
from podium_agent.engine.records import Container, Status, Task
from podium_sim import loop
from podium_sim.checkers import Broken
from stories.relay_host import Host
from stories.relay_ledger import Ledger, batch_of
from stories.relay_mishaps import ALL
from stories.relay_plane import Heard, LogPlane

LONGEST_SECONDS = 3600.0  # that things go wrong for
_DRAINS_IN_SECONDS = 1800.0
_QUIET_SECONDS = 600.0
_LOOKS_EVERY_SECONDS = 30.0
_SMALL, _LARGE = (0, 1_500, 4_000, 10_000), 1 << 20
_GROUPS = ("/ecs/web", "/ecs/jobs")


class Driver:
    """Docker's for one container: it makes the stream, then sends what was written, in order, until it is taken."""

    def __init__(self, story: "RelayStory", task: Task, container: Container, group: str, makes_groups: bool) -> None:
        self._story, self.task, self._container = story, task, container
        self._host, self._fate = story.host, story.fate
        self.stream = {"logGroupName": group, "logStreamName": container.docker_name}
        self.key = f"{group} {container.docker_name}"
        self.has_role = "executionRoleCredentials" in task.payload
        self.makes_groups = makes_groups
        self.written = 0

    async def run(self) -> None:
        """Until the story is over."""
        fate = self._fate
        while not self._story.is_over:
            if not await self.starts():
                await asyncio.sleep(fate.uniform(30.0, 120.0))
                continue
            for _ in range(fate.randrange(1, 40)):
                await asyncio.sleep(fate.expovariate(1 / fate.choice((2.0, 10.0, 60.0))))
                if self._story.is_over:
                    break
                await self._send(fate.randrange(1, 9))

    async def starts(self) -> bool:
        """Whether the container can be started."""
        try:
            why = await self._host.lacks(self.task, self._container)
            if not why:
                why = await self._made(CREATE_STREAM, self.stream)
            if why == "ResourceNotFoundException" and self.makes_groups:
                await self._made(CREATE_GROUP, {"logGroupName": self.stream["logGroupName"]})
                why = await self._made(CREATE_STREAM, self.stream)
        except ConnectionError:
            return False
        if why == "ServiceUnavailableException":
            return False  # the host's disk is full
        if why not in ("", "ResourceAlreadyExistsException") and not self._story.is_fair(self.key):
            raise Broken(f"{self.key} cannot start, though its stream could be made: {why}")
        return why in ("", "ResourceAlreadyExistsException")

    async def _made(self, operation: str, request: dict[str, Any]) -> str:
        """The error's code; empty when it is made."""
        answer = await self._host.ask(self._container, operation, request)
        return "" if answer.status == 200 else str(answer.body["__type"])

    async def _send(self, count: int) -> None:
        at = self._story.clock_millis()
        lines = [f"{self._container.name} {n} {'x' * self._fate.randrange(80)}" for n in self._next(count)]
        request = {**self.stream, "logEvents": [{"timestamp": at, "message": line} for line in lines]}
        while True:
            try:
                answer = await self._host.ask(self._container, PUT, request)
                if answer.status == 200:
                    self._story.ledger.answered(self.key, batch_of(request))
                    return
                if answer.status != 503:
                    raise Broken(f"the driver of {self.key} is refused: {answer}")
            except ConnectionRefusedError:
                pass
            except ConnectionResetError:
                self._story.ledger.unanswered(self.key, batch_of(request))
            await asyncio.sleep(self._fate.uniform(0.1, 3.0))

    def _next(self, count: int) -> range:
        self.written += count
        return range(self.written - count, self.written)


class RelayStory:
    """From one seed. `live` raises Broken when a law of the relay is."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.seed, self.fate = seed, Random(seed)
        self.ledger = Ledger()
        self.plane = LogPlane(self.fate)
        self.plane.carried_out, self.plane.got_through = self._carried_out, self._got_through
        self.most = self.fate.choice((*_SMALL, _LARGE))
        self.clock_ahead = 0.0
        self.is_over = False
        self.befell: list[str] = []
        self._fair: dict[str, bool] = {}
        tasks = self._tasks()
        self.host = Host(folder, self.most, self.plane, tasks, self.ledger, self.begin)
        self.host.is_fair = self.is_fair
        self.drivers = {driver.key: driver for driver in self._drivers(tasks)}

    def live(self) -> "RelayStory":
        before = random.getstate()
        random.seed(self.seed)  # what the agent draws by itself, for its delays
        try:
            loop.run(self._told())
        finally:
            random.setstate(before)
        return self

    def begin(self, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
        """What it raises ends the story."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: "asyncio.Task[Any]") -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and not self._failed.done():
            self._failed.set_exception(error)

    def is_fair(self, stream: str) -> bool:
        """Whether the last refusal of what was asked for the stream was to be expected."""
        return self._fair.get(stream, False)

    def forget(self, group: str) -> None:
        """The group is deleted, with all that is in it."""
        self._compare(self.plane.contents())
        self.plane.delete_group(group)
        for driver in self.drivers.values():
            if driver.stream["logGroupName"] == group:
                self.ledger.streams[driver.key].stored.clear()

    def clock_millis(self) -> int:
        """What the host's clock shows."""
        moment = BEGINNING.timestamp() + asyncio.get_running_loop().time() + self.clock_ahead
        return int(moment * 1000)

    def summary(self) -> tuple[Any, ...]:
        ledger = self.ledger
        told = (ledger.delivered, ledger.repeated, ledger.counted, ledger.refused_lines)
        return (*told, self.host.lives, self.plane.asked, tuple(self.befell))

    def _tasks(self) -> list[Task]:
        return [self._task(n) for n in range(self.fate.randrange(1, 4))]

    def _task(self, number: int) -> Task:
        arn = f"arn:aws:ecs:us-east-1:123456789012:task/default/{number:032x}"
        containers = tuple(self._container(number, name) for name in "ab"[: self.fate.randrange(1, 3)])
        payload: Any = {"arn": arn}
        if self.fate.random() < 0.6:
            payload["executionRoleCredentials"] = {"credentialsId": f"credentials-{number}"}
        return Task(payload=payload, desired=Status.RUNNING, containers=containers)

    def _container(self, task: int, name: str) -> Container:
        stream = f"web/{name}/{task}"
        options = {"awslogs-group": self.fate.choice(_GROUPS), "awslogs-stream": stream}
        if self.fate.random() < 0.4:
            options["awslogs-create-group"] = "true"
        host_config = json.dumps({"LogConfig": {"Type": "awslogs", "Config": options}})
        return Container(
            definition={"name": name, "image": "i", "dockerConfig": {"hostConfig": host_config}},
            docker_name=stream,
            endpoint_id=f"{self.fate.getrandbits(128):032x}",
        )

    def _drivers(self, tasks: list[Task]) -> list[Driver]:
        return [
            Driver(self, task, container, options["awslogs-group"], "awslogs-create-group" in options)
            for task in tasks
            for container in task.containers
            for options in [json.loads(container.definition["dockerConfig"]["hostConfig"])["LogConfig"]["Config"]]
        ]

    async def _told(self) -> None:
        """Raises what goes wrong in any of the tasks that were begun."""
        self._failed = asyncio.get_running_loop().create_future()
        telling = self.begin(self._chapters())
        try:
            await asyncio.wait([telling, self._failed], return_when=asyncio.FIRST_COMPLETED)
            if self._failed.done():
                self._failed.result()
        finally:
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            if self.host.life is not None:
                self.host.life.end()

    async def _chapters(self) -> None:
        for group in _GROUPS:
            self.plane.make_group(group)
        self.host.start()
        writing = [self.begin(driver.run()) for driver in self.drivers.values()]
        self.begin(self._watch())
        troubles = self.begin(self._go_wrong())
        await asyncio.sleep(self.fate.uniform(600.0, LONGEST_SECONDS))
        self.is_over = True
        troubles.cancel()
        self._heal()
        await asyncio.gather(*writing)
        await self._drain()
        self.ledger.at_rest()
        self._compare(self.plane.contents())
        self.host.search()
        asked = self.plane.asked
        await asyncio.sleep(_QUIET_SECONDS)
        if self.plane.asked != asked:
            raise Broken("there is nothing to send, and something is sent")

    async def _go_wrong(self) -> None:
        """Several things at once, maybe; each ends by itself, or when the story is over."""
        troubles: list[asyncio.Task[None]] = []
        try:
            while True:
                await asyncio.sleep(self.fate.expovariate(1 / 150.0))
                mishap = self.fate.choice(ALL)
                self.befell.append(mishap.__name__)
                troubles.append(self.begin(mishap(self)))
        finally:
            for trouble in troubles:
                trouble.cancel()

    async def _watch(self) -> None:
        while True:
            self.host.look()
            await asyncio.sleep(_LOOKS_EVERY_SECONDS)

    def _heal(self) -> None:
        self.plane.heal()
        self.clock_ahead = 0.0
        self.host.has_no_news = False
        self.host.fill_disk(False)
        for group in _GROUPS:
            if not self.plane.has_group(group):
                self.plane.make_group(group)
        if not self.host.is_up:
            self.host.start()
        assert self.host.life is not None
        self.host.life.is_mute, self.host.life.statements = False, None
        self.host.take_credentials(self.host.life)

    async def _drain(self) -> None:
        """Until nothing waits any more."""
        end = asyncio.get_running_loop().time() + _DRAINS_IN_SECONDS
        while self.host.spool.rows():
            await asyncio.sleep(1.0)
            if asyncio.get_running_loop().time() > end:
                raise Broken(f"lines still wait after {_DRAINS_IN_SECONDS} s: {self.host.spool.rows()[:3]}")

    def _compare(self, contents: dict[str, list[str]]) -> None:
        """What is in the streams is what was put there."""
        for stream, lines in contents.items():
            if self.ledger.streams[stream].stored != lines:
                raise Broken(f"{stream} does not have what it was sent")

    def _carried_out(self, heard: Heard) -> None:
        group = heard.request["logGroupName"]
        stream = f"{group} {heard.request.get('logStreamName', '')}"
        if heard.status != 200:
            concerned = [d for d in self.drivers.values() if d.key == stream or "logStreamName" not in heard.request]
            self._fair.update({driver.key: self._may_be_refused(driver) for driver in concerned})
        elif heard.operation == PUT:
            self.ledger.came(stream, batch_of(heard.request), heard.rejected)

    def _got_through(self, heard: Heard) -> None:
        if heard.status == 200 and heard.operation == PUT:
            stream = f"{heard.request['logGroupName']} {heard.request['logStreamName']}"
            self.ledger.was_told(stream, heard.rejected)

    def _may_be_refused(self, driver: Driver) -> bool:
        """Whether nobody who speaks for the container could have its lines taken just now.

        An agent that has just begun has no credentials of the role's yet, and speaks as the instance, which makes no
        groups.
        """
        if driver.has_role and not self.plane.role_may_write:
            return True
        makes_its_own = driver.makes_groups and driver.has_role and self.host.has_credentials(driver.task)
        return not makes_its_own and not self.plane.has_group(driver.stream["logGroupName"])
