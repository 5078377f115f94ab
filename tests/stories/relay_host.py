"""A host whose agent relays log lines, and may be killed at any moment: what is on its disk then is what comes back."""

import asyncio
import json
import shutil
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from inprocess import BEGINNING, REGION
from podium_agent.api import Api
from podium_agent.awslogs import starting
from podium_agent.awslogs.relay import Relay
from podium_agent.awslogs.sending import Forwarder
from podium_agent.awslogs.spool import PUT, Spool
from podium_agent.endpoint.doors import Asked
from podium_agent.engine.records import Container, Task
from podium_agent.membership import Membership
from podium_agent.metadata.residents import Home, Place, Resident, Residents
from podium_agent.net.server import Answer, Head
from podium_agent.role_credentials import EXECUTION_ROLE, RoleCredentials, credentials_id
from podium_protocol.signing import Credentials, Signer
from podium_sim.checkers import Broken
from stories.relay_ledger import Ledger, batch_of
from stories.relay_plane import LogPlane

LARGEST = 2_000
"""Bytes of the largest request that a driver sends here."""
_FILES = ("spool.db", "spool.db-wal")
_EVER = 1 << 30  # pages
CREDENTIALS_EVERY = 600.0  # seconds


Begin = Callable[[Coroutine[Any, Any, Any]], "asyncio.Task[Any]"]


class WatchedSpool(Spool):
    """`before_each` is called before every statement of SQLite's."""

    def __init__(self, path: Path, most: int, before_each: Callable[[], None]) -> None:
        super().__init__(path, most)
        self._database.set_trace_callback(lambda statement: before_each())

    def fill_disk(self, is_full: bool) -> None:
        self._database.execute(f"PRAGMA max_page_count = {1 if is_full else _EVER}")

    def rows(self) -> list[tuple[int, str, int, int]]:
        """Number, operation, size, lost."""
        return self._database.execute("SELECT number, operation, size, lost FROM spool ORDER BY number").fetchall()


class Life:
    """One process of the agent's. `statements` are those after which it dies; None to live on.

    One that `is_mute` dies when it has kept the next lines, before it can say so.
    """

    def __init__(self, folder: Path, most: int, plane: LogPlane, tasks: Sequence[Task], log: Any, begin: Begin) -> None:
        self.folder, self.is_over, self.is_mute = folder, False, False
        self.statements: int | None = None
        self.roles, self.signer = RoleCredentials(_now), None
        wire: Any = plane
        api = Api(wire, None, "agent")
        home = Home(place=Place(cluster="default", zone="z"), api=api, region=REGION, roles=self.roles)
        residents = Residents(lambda: [Resident(task=task, home=home) for task in tasks])
        membership: Any = SimpleNamespace(
            _around=SimpleNamespace(config=SimpleNamespace(region=REGION)),
            _roles=self.roles,
            _credentials=SimpleNamespace(of_service=lambda service: self.signer),
            _api=api,
        )
        self.spool = WatchedSpool(folder / _FILES[0], most, self._before_each)
        self.forwarder = Forwarder(self.spool, lambda sender: Membership.api_of_logs(membership, sender), log)
        self.relay = Relay(residents, self.spool, self.forwarder, log)
        self.works = [begin(self.forwarder.run())]

    def end(self) -> None:
        """As by SIGKILL. What SQLite has on disk at this moment is in the folder `left`."""
        if self.is_over:
            return
        self.is_over = True
        left = self.folder / "left"
        left.mkdir()
        for name in _FILES:
            if (self.folder / name).exists():
                shutil.copyfile(self.folder / name, left / name)
        asyncio.get_running_loop().call_soon(self._gone)

    def _gone(self) -> None:
        for work in self.works:
            work.cancel()
        self.spool.close()

    def _before_each(self) -> None:
        if self.statements is not None and not self.is_over:
            self.statements -= 1
            if self.statements < 0:
                self.end()


def _now() -> float:
    return BEGINNING.timestamp() + asyncio.get_running_loop().time()


class Host:
    """Its agent is up from `start` until it is killed. `secrets` are all that its tasks' roles were ever given."""

    def __init__(
        self, folder: Path, most: int, plane: LogPlane, tasks: Sequence[Task], ledger: Ledger, begin: Begin
    ) -> None:
        self._folder, self._most, self._plane, self._tasks, self._ledger = folder, most, plane, tasks, ledger
        self._begin = begin
        self.life: Life | None = None
        self.lives = 0
        self.secrets: set[str] = set()
        self.disk_is_full = self.has_no_news = False
        self.is_fair: Callable[[str], bool] = lambda stream: True
        self.logged: list[str] = []

    @property
    def is_up(self) -> bool:
        return self.life is not None and not self.life.is_over

    @property
    def spool(self) -> WatchedSpool:
        assert self.life is not None
        return self.life.spool

    def start(self) -> None:
        folder = self._folder / str(self.lives)
        if self.life is None:
            folder.mkdir()
        else:
            (self.life.folder / "left").rename(folder)
        self.lives += 1
        self._ledger.killed()
        self.life = Life(folder, self._most, self._plane, self._tasks, self._log, self._begin)
        self.life.works.append(self._begin(self._is_sent_credentials(self.life)))
        self.fill_disk(self.disk_is_full)

    def kill(self) -> None:
        self.search()
        if self.life is not None:
            self.life.end()

    def fill_disk(self, is_full: bool) -> None:
        self.disk_is_full = is_full
        if self.is_up:
            self.spool.fill_disk(is_full)

    def take_credentials(self, life: Life) -> None:
        key = self._plane.instance_key()
        keys = Credentials(access_key_id=key.access_key_id, secret_access_key=key.secret, session_token=key.token)
        life.signer = Signer(credentials=keys, region=REGION, service="logs")
        for task in self._tasks:
            if name := credentials_id(task.payload, EXECUTION_ROLE):
                message, secrets = self._plane.credentials(task.arn, name)
                self.secrets.update(secrets.values())
                life.roles.take(message)

    def has_credentials(self, task: Task) -> bool:
        """Of the task's role, since its agent began."""
        name = credentials_id(task.payload, EXECUTION_ROLE)
        return self.life is not None and self.life.roles.of(task.arn, name) is not None

    async def ask(self, container: Container, operation: str, request: dict[str, Any]) -> Answer:
        """As the container's driver does. Raises ConnectionError without an agent, or when it dies meanwhile."""
        life = self.life
        if life is None or life.is_over:
            raise ConnectionRefusedError
        head = Head(
            method="POST",
            target=f"/{container.endpoint_id}",
            headers=(("x-amz-target", f"Logs_20140328.{operation}"),),
        )
        asked = Asked(head=head, caller="127.0.0.1", body=json.dumps(request).encode())
        began = asyncio.get_running_loop().time()
        answer = await self._survived(life, life.relay.answer(asked))
        if operation == PUT and life.is_mute:
            life.end()
            raise ConnectionResetError
        took = asyncio.get_running_loop().time() - began
        if took > (0.0 if operation == PUT else 2.001):
            raise Broken(f"{operation} of {container.docker_name} waited {took} s")
        self._check(str(answer))
        return answer

    async def lacks(self, task: Task, container: Container) -> str:
        """What the agent asks before the container starts."""
        life = self.life
        if life is None or life.is_over:
            raise ConnectionRefusedError
        why: str = await self._survived(life, starting.lacks(life.forwarder, task, container, "default"))
        self._check(why)
        return why

    def look(self) -> None:
        """The spool keeps its bound, and tells its size."""
        if not self.is_up:
            return
        rows = self.spool.rows()
        total = sum(size for _, _, size, _ in rows)
        if total != self.spool.bytes:
            raise Broken(f"the spool has {total} bytes, and says {self.spool.bytes}")
        marks = [size for _, _, size, lost in rows if lost]
        streams = sum(len(task.containers) for task in self._tasks)
        if len(marks) > streams + 1 or total - sum(marks) > max(self._most, 2 * LARGEST):
            raise Broken(f"the spool has {total} bytes, and {len(marks)} lines that count others")

    def search(self) -> None:
        """No secret is in the spool's files."""
        for path in self._folder.glob(f"{self.lives - 1}/spool.db*"):
            content = path.read_bytes()
            if any(secret.encode() in content for secret in self.secrets):
                raise Broken("a credential of a role is on the disk")

    async def _survived(self, life: Life, work: Any) -> Any:
        """What came of it, unless the agent dies before it could say so."""
        task = self._begin(work)
        life.works.append(task)
        await asyncio.wait([task])
        life.works.remove(task)
        if task.cancelled() or life.is_over:
            raise ConnectionResetError
        return task.result()

    async def _is_sent_credentials(self, life: Life) -> None:
        """Once the agent's link stands, and again before they end."""
        while True:
            await asyncio.sleep(1.0)
            if not self._plane.is_away and not self.has_no_news:
                self.take_credentials(life)
                await asyncio.sleep(CREDENTIALS_EVERY)

    def _check(self, said: str) -> None:
        if any(secret in said for secret in self.secrets):
            raise Broken("a driver is told a credential of a role")

    def _log(self, text: str, **fields: Any) -> None:
        self.logged.append(text)
        self._check(str(fields))
        if "stream" in fields and self.is_up:
            stream = f"{fields.pop('group')} {fields.pop('stream')}"
            entry = self.spool.oldest()
            in_hand = batch_of(entry.request) if entry else ()
            self._ledger.said(text, stream, in_hand, self.is_fair(stream), **fields)
