"""Tells the control plane how containers feel and what they use, over TCS."""

import asyncio
import time
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import uuid4

from podium_agent.channels.health import health_messages, metrics_messages, running
from podium_agent.channels.link import Link
from podium_agent.channels.usage import Usage
from podium_agent.engine.records import Task
from podium_protocol import Message, encode, sign_frame, tcs
from podium_protocol.signing import Signs, host_header

_EVERY_SECONDS = 20.0


class Telemetry:
    """Publishes when the channel opens and every 20 seconds, and health also whenever it changes."""

    def __init__(
        self,
        *,
        cluster: str,
        container_instance_arn: str,
        tasks: Mapping[str, Task],
        usage: Usage,
        signer: Signs,
    ) -> None:
        self._cluster = cluster
        self._arn = container_instance_arn
        self._tasks = tasks
        self._usage = usage
        self._signer = signer
        self._link: Link | None = None
        self._url = ""
        self._due = asyncio.Event()

    def opens(self, link: Link, url: str) -> None:
        """Frames are signed as requests for the URL that their channel was opened with."""
        self._link, self._url = link, url

    def opened(self) -> None:
        self._due.set()

    async def run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_EVERY_SECONDS):
                    await self._due.wait()
            except TimeoutError:
                pass
            self._due.clear()
            await self._publish()

    def publish_health(self) -> None:
        for message in health_messages(self._tasks.values(), self._metadata(), time.time()):
            self._send(message)

    async def _publish(self) -> None:
        """Everything there is to tell, if anybody listens."""
        if self._link is None or not self._link.is_open:
            return
        self.publish_health()
        tasks = list(self._tasks.values())
        containers = {c.docker_id: c for task in tasks for c in running(task) if c.docker_id is not None}
        measured = await self._usage.measure(containers)
        metrics = {docker_id: self._usage.metric(docker_id, containers[docker_id]) for docker_id in measured}
        for message in metrics_messages(tasks, self._metadata(), metrics, time.time()):
            self._send(message)

    def _metadata(self) -> tcs.PublishMetadata:
        return {"cluster": self._cluster, "containerInstance": self._arn, "messageId": str(uuid4())}

    def _send(self, message: Message) -> None:
        if self._link is None or not self._link.is_open:
            return
        frame = encode(message)
        parts = urlsplit(self._url)
        host = host_header(self._url)
        headers = self._signer.headers("GET", host, f"{parts.path}?{parts.query}", body=frame.encode())
        self._link.send(sign_frame({"Host": host, **headers}, frame))
