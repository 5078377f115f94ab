"""Hands access logs to the control plane, period after period. They wait on the disk until it says that it has them."""

import asyncio
import base64
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from podium_program.log import Log
from podium_protocol.proxy import ACCESS_LOG, AccessLog, LoadBalancer, frame
from podium_proxy.access_logs import files
from podium_proxy.access_logs.files import LogFile
from podium_proxy.envoy import access_logs
from podium_proxy.envoy.access_logs import FILE
from podium_proxy.supervision import admin

_ANSWERED_WITHIN = 30.0
_LOOKS, _LOOK_SECONDS = 100, 0.05


class Shipping:
    """`period` is five minutes, as on AWS, except where somebody has less patience."""

    def __init__(
        self,
        data_dir: Path,
        documents: Mapping[str, LoadBalancer],
        send: Callable[[str], None],
        period: float,
        log: Log,
    ) -> None:
        self._data_dir, self._documents, self._send, self._period, self._log = data_dir, documents, send, period, log
        self._kept: dict[str, asyncio.Event] = {}

    def answered(self, kept: str) -> None:
        """The control plane has the file of this id, or has no use for it."""
        if kept in self._kept:
            self._kept[kept].set()

    async def run(self) -> None:
        """For as long as it is not cancelled."""
        while True:
            now = time.time()
            await asyncio.sleep(now // self._period * self._period + self._period - now)
            files.cut(self._data_dir, time.time())
            if files.waiting(self._data_dir) and await self._are_whole():
                await self._ship()

    async def _are_whole(self) -> bool:
        """Once Envoy has opened another file than those that were cut. One that is gone writes into none."""
        if (self._data_dir / FILE).exists():
            return True
        try:
            await admin.ask(self._data_dir, "/reopen_logs", "POST")
        except (OSError, EOFError, TimeoutError):
            return True
        for _ in range(_LOOKS):
            if (self._data_dir / FILE).exists():
                return True
            await asyncio.sleep(_LOOK_SECONDS)
        return False

    async def _ship(self) -> None:
        for path in files.too_much(self._data_dir):
            self._log("access logs are given up, since too much waits for the control plane", file=path.name)
            path.unlink()
        for path in files.waiting(self._data_dir):
            if not await self._delivered(path):
                return  # the control plane is away, or busy: the next period tries again
            path.unlink()

    async def _delivered(self, path: Path) -> bool:
        balancers = {arn: b for arn, b in self._documents.items() if access_logs.are_wanted(b)}
        made = files.made(path, balancers)
        while (file := await asyncio.to_thread(next, made, None)) is not None:
            if not await self._handed_over(file):
                return False
        return True

    async def _handed_over(self, file: LogFile) -> bool:
        kept = self._kept[file.id] = asyncio.Event()
        told = AccessLog(
            id=file.id,
            load_balancer=file.load_balancer,
            ended=file.ended,
            content=base64.b64encode(file.content).decode(),
        )
        try:
            self._send(frame(ACCESS_LOG, told))
            async with asyncio.timeout(_ANSWERED_WITHIN):
                await kept.wait()
        except TimeoutError:
            return False
        finally:
            del self._kept[file.id]
        return True
