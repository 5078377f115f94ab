"""Carries the engine's instructions out, and brings it the events that follow."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any

from podium_agent import environment_files, secrets
from podium_agent.api import ApiError
from podium_agent.channels.state_changes import StateChanges
from podium_agent.docker.client import DockerError, DockerGone
from podium_agent.docker.hands import Hands
from podium_agent.engine import Engine
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_agent.engine.records import Container, Task
from podium_agent.execution_role import ExecutionRole
from podium_agent.net.backoff import delays
from podium_agent.network.host import HostNetwork
from podium_agent.secrets.tmpfs import Tmpfs
from podium_agent.state import State
from podium_program.log import Log
from podium_program.shell import ShellError
from podium_protocol import encode, payload

_SUBMITS_AT_ONCE = 10
_SAVE_SOON_SECONDS = 0.05
_LEAST_NAP_SECONDS = 0.02
_LONGEST_DELAY_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 1.0
_REFUSED_FOR_GOOD = "InvalidParameterException"


class Carrier:
    """One engine with its hands. All of it runs in one event loop; `feed` never waits.

    Events that come together are thought about together, so that one write to disk serves all
    of them. `failure` is set when the disk fails, or by a bug: what is known here may then no
    longer be what is kept, and only a new start puts that right.
    `instances` are the ARNs whose containers are this engine's: the present one, and those
    that this agent had before. `log_lacks` says why a container's log cannot be had, and is empty when nothing does.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        state: State,
        hands: Hands,
        network: HostNetwork | None,
        secret_files: Tmpfs,
        state_changes: StateChanges,
        instances: Callable[[], list[str]],
        role: ExecutionRole,
        log_lacks: Callable[[Task, Container], Awaitable[str]],
        send: Callable[[str], None],
        publish_health: Callable[[], None],
        log: Log,
    ) -> None:
        self.engine = engine
        self._state = state
        self._hands = hands
        self._network = network
        self._secret_files = secret_files
        self._state_changes = state_changes
        self._instances = instances
        self._role, self._log_lacks = role, log_lacks
        self._send = send
        self._log = log
        self._running: set[asyncio.Task[None]] = set()
        self._events: list[e.Event] = []
        self.failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._submits = asyncio.Semaphore(_SUBMITS_AT_ONCE)
        self._alarm: asyncio.TimerHandle | None = None
        self._flush: asyncio.TimerHandle | None = None
        self._deeds: dict[type[Any], Callable[[Any], None]] = {
            i.Save: self._save,
            i.SaveSequence: lambda asked: state.set_fact_soon("sequence", str(asked.sequence)),
            i.Forget: lambda asked: state.save_soon(asked.key, None),
            i.Send: lambda asked: send(encode(asked.message)),
            i.Submit: lambda asked: self._spawn(self._submit(asked)),
            i.PublishHealth: lambda asked: publish_health(),
            i.Create: lambda asked: self._spawn(self._create(asked)),
            i.Start: lambda asked: self._spawn(self._start(asked)),
            i.Wire: lambda asked: self._spawn(self._wire(asked)),
            i.KeepInterfaces: lambda asked: self._spawn(self._keep(asked)),
            i.Enforce: lambda asked: self._spawn(self._enforce(asked)),
            i.Describe: lambda asked: self._spawn(self._describe(asked)),
            i.Look: lambda asked: self._spawn(self._look(asked)),
            i.Discard: lambda asked: self._spawn(hands.discard(asked.docker_id)),
            i.RemoveVolume: lambda asked: self._spawn(hands.remove_volume(asked.name)),
            i.RemoveCgroup: lambda asked: self._spawn(hands.remove_cgroup(asked.name)),
            i.RemoveMetadata: lambda asked: self._spawn(hands.remove_metadata(asked.folder)),
            i.KeepSecretFiles: lambda asked: self._spawn(secret_files.keep(asked.folder, asked.names)),
            i.RemoveSecretFiles: lambda asked: self._spawn(secret_files.remove(asked.folder)),
            i.Note: lambda asked: log(asked.text, **asked.fields),
        }

    def feed(self, event: e.Event) -> None:
        """Let the engine think about `event` very soon, and see to what it asks for."""
        self._events.append(event)
        if len(self._events) == 1:
            asyncio.get_running_loop().call_soon(self._think)

    async def close(self) -> None:
        """Stop working. What runs in Docker runs on."""
        for handle in (self._alarm, self._flush):
            if handle is not None:
                handle.cancel()
        running = list(self._running)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        self._events.clear()
        if not self.failure.done():
            self.failure.cancel()
            self._state.flush()

    def _think(self) -> None:
        events, self._events = self._events, []
        try:
            now = time.time()
            self._carry_out([asked for event in events for asked in self.engine.handle(event, now)])
            self._set_alarm()
            self._save_soon()
        except Exception as error:
            self._fail(error)

    def _carry_out(self, instructions: list[i.Instruction]) -> None:
        """In order, but what is to be kept comes first: it can only be on disk sooner than it must."""
        kept = [asked for asked in instructions if isinstance(asked, i.Save | i.SaveSequence | i.Forget)]
        for keep in kept:
            self._deeds[type(keep)](keep)
        if any(isinstance(asked, i.Flush) for asked in instructions):
            self._state.flush()
        for asked in instructions:
            if not isinstance(asked, i.Save | i.SaveSequence | i.Forget | i.Flush):
                self._see_to(asked)

    def _see_to(self, asked: i.Instruction) -> None:
        deed = self._deeds.get(type(asked))
        if deed is not None:
            deed(asked)
        else:
            self._spawn(self._answer(asked))

    def _fail(self, error: BaseException) -> None:
        if not self.failure.done():
            self.failure.set_exception(error)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)

    async def _answer(self, instruction: i.Instruction) -> None:
        self.feed(await self._hands.do(instruction))

    async def _create(self, asked: i.Create) -> None:
        """What the container has from elsewhere is fetched first."""
        task, body = self.engine.tasks[asked.key.task_arn].payload, asked.body
        try:
            if asked.environment_files:
                body = await environment_files.into(self._role, task, asked.environment_files, body)
            if asked.secrets:
                body = await self._with_secrets(asked, task, body)
        except (environment_files.FileError, secrets.SecretError) as error:
            self.feed(e.CreateFailed(key=asked.key, reason=str(error)))
        else:
            await self._answer(replace(asked, body=body))

    async def _with_secrets(self, asked: i.Create, task: payload.Task, body: dict[str, Any]) -> dict[str, Any]:
        """Raises SecretError."""
        values = await secrets.fetched(self._role, task, asked.secrets)
        filled = secrets.into(body, values, asked.secret_files)
        if asked.secret_files is not None:
            await self._secret_files.write(asked.secret_files.folder, secrets.contents(values))
        return filled

    async def _start(self, asked: i.Start) -> None:
        task = self.engine.tasks[asked.key.task_arn]
        lacks = await self._log_lacks(task, task.container(asked.key.name))
        if lacks:
            reason = f"CannotStartContainerError: Error response from daemon: {lacks}"
            self.feed(e.StartFailed(key=asked.key, reason=reason, port_taken=False))
        else:
            await self._answer(asked)

    async def _wire(self, asked: i.Wire) -> None:
        try:
            await self._wire_up(asked)
        except DockerGone:
            self.feed(e.Unanswered(key=asked.key))
        except (DockerError, ShellError, OSError) as error:
            self.feed(e.WireFailed(key=asked.key, reason=f"ContainerNetworkingError: {error}"))
        else:
            self.feed(e.Wired(key=asked.key))

    async def _wire_up(self, asked: i.Wire) -> None:
        if self._network is None:
            raise ShellError("this agent makes no networks for tasks; its first log lines say why")
        pid = await self._hands.process(asked.docker_id)
        if not pid:
            raise ShellError("the task's first process ended")
        await self._network.wire(pid, asked.interface, asked.sysctls)

    async def _keep(self, asked: i.KeepInterfaces) -> None:
        if self._network is not None:
            await self._network.keep(asked.interfaces)

    async def _enforce(self, asked: i.Enforce) -> None:
        if self._network is not None:
            await self._network.enforce(asked.groups)

    async def _describe(self, asked: i.Describe) -> None:
        """Asked again when Docker is back, or the container starts again."""
        try:
            await self._hands.describe(asked)
        except (DockerGone, DockerError, OSError) as error:
            self._log("a metadata file was not completed", task=asked.task.arn, reason=str(error))

    def _save(self, asked: i.Save) -> None:
        self._state.save_soon(asked.key, asked.record)

    async def _look(self, asked: i.Look) -> None:
        """A look that fails is tried again: a Docker that is really gone is told of by its watch."""
        while True:
            try:
                found = await self._hands.look(self._instances(), asked.settled)
                self.feed(e.Listed(look=asked.number, found=found))
                return
            except (DockerGone, DockerError) as error:
                self._log("could not list containers", reason=str(error))
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _submit(self, asked: i.Submit) -> None:
        """Until it is accepted. Only a refusal that names the request itself is final."""
        for delay in delays(0.1, _LONGEST_DELAY_SECONDS, factor=2.0):
            try:
                async with self._submits:
                    await self._state_changes.tell(asked.request)
                break
            except ApiError as error:
                self._log("a state change was refused", task=asked.task_arn, reason=str(error))
                if error.code == _REFUSED_FOR_GOOD:
                    break
            except (OSError, EOFError) as error:
                self._log("a state change is held back", task=asked.task_arn, reason=str(error) or "no answer")
            await asyncio.sleep(delay)
        self.feed(e.Accepted(task_arn=asked.task_arn))

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        at = self.engine.next_deadline()
        if at is not None:
            nap = max(at - time.time(), _LEAST_NAP_SECONDS)
            self._alarm = asyncio.get_running_loop().call_later(nap, self.feed, e.Tick())

    def _save_soon(self) -> None:
        if self._state.has_waiting and self._flush is None:
            self._flush = asyncio.get_running_loop().call_later(_SAVE_SOON_SECONDS, self._save_now)

    def _save_now(self) -> None:
        self._flush = None
        try:
            self._state.flush()
        except Exception as error:
            self._fail(error)
