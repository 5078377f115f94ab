"""Docker's awslogs driver speaks to this host alone: a relay answers it from a spool on disk, and forwards.

So containers start, restart and write while the control plane is away, and every line arrives afterwards in order.
"""

import asyncio
from collections.abc import Callable

from podium_agent.awslogs import starting
from podium_agent.awslogs.relay import Relay
from podium_agent.awslogs.sending import FindApi, Forwarder
from podium_agent.awslogs.spool import Spool, SpoolError
from podium_agent.config import Config
from podium_agent.engine.records import Container, Task
from podium_agent.metadata.residents import Residents
from podium_program.log import Log

_MIB = 1024 * 1024
_SPOOL, _PORT = "log-spool.db", "log-relay-port"


class Awslogs:
    """`open` it when the task endpoint is served; what is in the spool is forwarded until `close`."""

    def __init__(self, residents: Residents, api_for: FindApi, config: Config, log: Log) -> None:
        self._residents, self._api_for, self._config, self._log = residents, api_for, config, log
        self._forwarder: Forwarder | None = None
        self._ends: list[Callable[[], object]] = []

    async def open(self) -> str:
        """The URL that the driver is to be sent to; empty where lines cannot be kept, as the log then says."""
        folder = self._config.data_dir
        try:
            spool = Spool(folder / _SPOOL, self._config.habits.log_spool_mib * _MIB)
            forwarder = Forwarder(spool, self._api_for, self._log)
            relay = Relay(self._residents, spool, forwarder, self._log)
            url = await relay.open(folder / _PORT)
        except (OSError, SpoolError) as error:
            self._log("tasks that log with awslogs are not placed here", reason=str(error))
            return ""
        self._forwarder = forwarder
        self._ends = [relay.close, asyncio.create_task(forwarder.run()).cancel, spool.close]
        return url

    async def lacks(self, task: Task, container: Container, cluster: str) -> str:
        """Why the container's log cannot be had, as Docker would say it; empty when nothing is known against it."""
        if self._forwarder is None:
            return ""
        return await starting.lacks(self._forwarder, task, container, cluster)

    def close(self) -> None:
        for end in self._ends:
            end()
