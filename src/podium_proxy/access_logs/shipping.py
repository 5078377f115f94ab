"""Hands access logs to the control plane, period after period. They wait on the disk until it says that it has them."""

import asyncio
import base64
import signal
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from podium_program.log import Log
from podium_protocol.proxy import ACCESS_LOG, AccessLog, LoadBalancer, frame
from podium_proxy.access_logs import files
from podium_proxy.access_logs.files import LogFile
from podium_proxy.envoy import access_logs
from podium_proxy.supervision import found

_ANSWERED_WITHIN = 30.0
_LOOK_SECONDS = 1.0
_TRIES, _TRY_SECONDS = 60, 0.05  # longer than Envoy takes to write what it has
_REOPEN = signal.SIGUSR1


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
        ends = self._end_of_period()
        while True:
            await asyncio.sleep(min(_LOOK_SECONDS, max(0.0, ends - time.time())))
            is_over = time.time() >= ends
            if not is_over and not files.is_large(self._data_dir):
                continue
            if is_over:
                ends = self._end_of_period()
            files.cut(self._data_dir, time.time())
            if files.waiting(self._data_dir):
                await self._let_go()
                await self._ship()

    def _end_of_period(self) -> float:
        return time.time() // self._period * self._period + self._period

    async def _let_go(self) -> None:
        """Every Envoy that still ends connections opens another file than those that were cut. It does so with the next
        line it has to write, so that one that has none for a while is no trouble.
        """
        envoy = found.last(self._data_dir)
        if envoy is None:
            return
        found.tell(envoy, _REOPEN)
        cut = {str(path) for path in files.waiting(self._data_dir)}
        for _ in range(_TRIES):
            if not any(cut & found.opened(pid) for pid in found.processes(envoy)):
                return
            await asyncio.sleep(_TRY_SECONDS)

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
