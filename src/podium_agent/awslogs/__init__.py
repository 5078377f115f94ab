"""Docker's awslogs driver speaks to this host alone: a relay answers it from a spool on disk, and forwards.

So containers start, restart and write while the control plane is away, and every line arrives afterwards in order.
"""

import asyncio

from podium_agent.awslogs import starting
from podium_agent.awslogs.relay import Relay
from podium_agent.awslogs.sending import FindApi, Forwarder
from podium_agent.awslogs.spool import Spool
from podium_agent.config import Config
from podium_agent.engine.records import Container, Task
from podium_agent.metadata.residents import Residents
from podium_program.log import Log

_MIB = 1024 * 1024
_SPOOL, _PORT = "log-spool.db", "log-relay-port"


class Awslogs:
    """`open` it when the task endpoint is served; what is in the spool is forwarded until `close`."""

    def __init__(self, residents: Residents, api_for: FindApi, config: Config, log: Log) -> None:
        self._port = config.data_dir / _PORT
        self._spool = Spool(config.data_dir / _SPOOL, config.habits.log_spool_mib * _MIB)
        self._forwarder = Forwarder(self._spool, api_for, log)
        self._relay = Relay(residents, self._spool, self._forwarder, log)
        self._forwarding: asyncio.Task[None] | None = None

    async def open(self) -> str:
        """The URL that the driver is to be sent to. Raises OSError."""
        url = await self._relay.open(self._port)
        self._forwarding = asyncio.create_task(self._forwarder.run())
        return url

    async def lacks(self, task: Task, container: Container, cluster: str) -> str:
        """Why the container's log cannot be had, as Docker would say it; empty when nothing is known against it."""
        return await starting.lacks(self._forwarder, task, container, cluster)

    def close(self) -> None:
        self._relay.close()
        if self._forwarding is not None:
            self._forwarding.cancel()
        self._spool.close()
