"""Where a session's output is kept: in CloudWatch Logs or S3, as its cluster's configuration says, once it is over.

Source: Amazon ECS API Reference, ExecuteCommandConfiguration; Developer Guide, "Logging using Amazon ECS Exec".
"""

import logging
from dataclasses import dataclass
from typing import Protocol

from podium.ecs.records import Cluster, ExecSession, Task, TaskDefinition
from podium.journals.errors import NotWritten
from podium.journals.events import Stream
from podium.journals.kept import Journals
from podium.kernel.clock import Clock
from podium.kernel.ids import Ids
from podium.logs import lines
from podium.runtime.core import NotSaved
from podium.runtime.running import RunningCore
from podium.s3 import names as buckets
from podium.s3.records import Bucket
from podium.server.journals import ServerJournals
from podium.store.session import Transaction

MOST_BYTES = 4 * 1024 * 1024
CUT = b"\n[podium] The rest of the session is not kept: it was longer than 4 MiB.\n"
AWSLOGS = "awslogs"

log = logging.getLogger("podium.exec")


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Empty names: nowhere of that kind. `key` begins with the configuration's prefix."""

    group: str = ""
    bucket: str = ""
    key: str = ""


class Keeps(Protocol):
    def piece(self, session: ExecSession, output: bytes) -> None:
        """What a session shows, as it shows it."""

    async def over(self, session: ExecSession) -> None:
        """It has ended. Never raises: what cannot be kept is told in the log."""


class Nowhere:
    """Sessions are not kept."""

    def piece(self, session: ExecSession, output: bytes) -> None:
        return

    async def over(self, session: ExecSession) -> None:
        return


class Transcripts:
    """Held in memory, at most 4 MiB of each, while the session goes on."""

    def __init__(self, core: RunningCore, journals: ServerJournals, clock: Clock, ids: Ids) -> None:
        self._core, self._journals, self._clock, self._ids = core, journals, clock, ids
        self._held: dict[str, bytearray] = {}

    def piece(self, session: ExecSession, output: bytes) -> None:
        """What goes through a forwarded port is nobody's output."""
        if session.port is not None:
            return
        held = self._held.setdefault(session.arn, bytearray())
        if len(held) < MOST_BYTES:
            held += output
            if len(held) >= MOST_BYTES:
                held += CUT

    async def over(self, session: ExecSession) -> None:
        held = self._held.pop(session.arn, None)
        if not held:
            return
        try:
            await self._written(session, bytes(held))
        except (NotSaved, NotWritten) as error:
            log.warning("session is not kept session=%s reason=%s", session.id, error)

    async def _written(self, session: ExecSession, output: bytes) -> None:
        now, moment = self._clock.now(), int(self._clock.now().timestamp() * 1000)

        def find(tx: Transaction) -> tuple[Destination, Stream | None, Bucket | None]:
            where = destination(tx, session)
            stream = lines.made(tx, session.home, where.group, session.id, self._ids, now) if where.group else None
            return where, stream, tx.get(Bucket, buckets.arn(where.bucket)) if where.bucket else None

        where, stream, bucket = await self._core.call(find)
        if stream is not None:
            text = output.decode(errors="replace")
            await self._journals.write_lines(stream, [(moment, line) for line in text.splitlines() if line])
        if bucket is not None:
            kept_at = buckets.key(bucket)

            def put(journals: Journals) -> None:
                headers = {"ContentType": "text/plain"}
                journals.objects.put(kept_at, where.key, output, now.timestamp(), headers)

            await self._journals.call(put)
        if (where.group and stream is None) or (where.bucket and bucket is None):
            log.warning("session is not kept session=%s reason=no such log group or bucket where=%s", session.id, where)


def destination(tx: Transaction, session: ExecSession) -> Destination:
    """By default where the task's containers log; what overrides that is the cluster's."""
    cluster = tx.get(Cluster, session.cluster_arn)
    told = ((cluster.configuration if cluster else None) or {}).get("executeCommandConfiguration") or {}
    match told.get("logging", "DEFAULT"):
        case "OVERRIDE":
            given = told.get("logConfiguration") or {}
            prefix = given.get("s3KeyPrefix", "").strip("/")
            key = f"{session.id}.log"
            return Destination(
                group=given.get("cloudWatchLogGroupName", ""),
                bucket=given.get("s3BucketName", ""),
                key=f"{prefix}/{key}" if prefix else key,
            )
        case "DEFAULT":
            return Destination(group=_group_of_task(tx, session))
    return Destination()


def _group_of_task(tx: Transaction, session: ExecSession) -> str:
    task = tx.get(Task, session.task_arn)
    definition = tx.get(TaskDefinition, task.task_definition_arn) if task is not None else None
    for container in definition.document["containerDefinitions"] if definition is not None else ():
        told = container.get("logConfiguration") or {}
        if container["name"] == session.container_name and told.get("logDriver") == AWSLOGS:
            return str((told.get("options") or {}).get("awslogs-group", ""))
    return ""
