"""Which clusters there are, followed for an agent that joins all of them."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from podium_agent.api import ApiError
from podium_agent.engine.records import Status
from podium_agent.engine.saved import from_record
from podium_agent.membership import Membership, Surroundings
from podium_agent.net.backoff import delays
from podium_agent.registration import DEFAULT_CLUSTER
from podium_agent.state import State
from podium_program.log import Log

_LONG_POLL_SECONDS = 40.0


class EveryCluster:
    """One membership for each active cluster. Where there is none, the default cluster is made.

    `always` are joined beside them.
    """

    def __init__(self, around: Surroundings, memberships: dict[str, Membership], always: Sequence[str] = ()) -> None:
        self._always = always
        self._around = around
        self._working: dict[str, asyncio.Task[None]] = {}
        self._memberships = memberships
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        """Ends with the error of a membership that failed: a new process puts right what one cannot."""
        following = asyncio.create_task(self._follow())
        try:
            await asyncio.wait([following, self._failure], return_when=asyncio.FIRST_COMPLETED)
            (self._failure if self._failure.done() else following).result()
        finally:
            working = [following, *self._working.values()]
            for work in working:
                work.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    async def _follow(self) -> None:
        """The first turn asks for what there is; each later one waits for a change."""
        revision = -1
        waits = delays(0.1, 5.0, factor=2.0)
        while True:
            try:
                target = f"/_podium/clusters?after={revision}"
                answer = await self._around.api.get(target, timeout=_LONG_POLL_SECONDS)
            except (ApiError, OSError, EOFError) as error:
                self._around.log("could not ask for the clusters", reason=str(error) or type(error).__name__)
                await asyncio.sleep(next(waits))
                continue
            waits = delays(0.1, 5.0, factor=2.0)
            if answer["revision"] != revision:
                revision = answer["revision"]
                await self._agree(list(answer["clusters"]), self._around.log)

    async def _agree(self, clusters: list[str], log: Log) -> None:
        """A cluster that is not listed is not left while tasks of it run.

        A control plane deletes no such cluster. One that does not know it has lost its records, and
        learns of the cluster again when the instance registers with the ARN it had.
        """
        kept = [name for name in self._with_tasks() if name not in (*clusters, *self._always)]
        wanted = [*clusters, *kept] or [DEFAULT_CLUSTER]
        wanted += [name for name in self._always if name not in wanted]
        for name in [n for n in self._working if n not in wanted]:
            log("leaves a cluster that is no more", cluster=name)
            await self._leave(name)
        for name in wanted:
            if name in self._working and not self._working[name].done():
                self._memberships[name].clusters_changed()
            else:
                self._join(name)

    def _with_tasks(self) -> list[str]:
        """Clusters of which tasks run here, by what this process or an earlier one knows."""
        data_dir = self._around.config.data_dir
        found = {path.stem: path for path in data_dir.glob("*.db")}
        return [name for name, path in found.items() if self._has_tasks(name, path)]

    def _has_tasks(self, name: str, path: Path) -> bool:
        membership = self._memberships.get(name)
        if membership is not None and membership.engine is not None:
            return any(task.status is not Status.STOPPED for task in membership.engine.tasks.values())
        state = State(path)
        try:
            return any(from_record(record).status is not Status.STOPPED for record in state.tasks())
        finally:
            state.close()

    def _join(self, name: str) -> None:
        membership = Membership(name, self._around)
        self._memberships[name] = membership
        work = asyncio.create_task(membership.run())
        work.add_done_callback(self._ended)
        self._working[name] = work

    def _ended(self, work: "asyncio.Task[None]") -> None:
        error = None if work.cancelled() else work.exception()
        if error is not None and not self._failure.done():
            self._failure.set_exception(error)

    async def _leave(self, name: str) -> None:
        work = self._working.pop(name)
        del self._memberships[name]
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
