"""Envoy is started with the first load balancer, started again when it dies, and ended when there is none."""

import asyncio
import json
import random
import signal
from collections.abc import Callable
from pathlib import Path

from podium_program.log import Log
from podium_proxy.supervision import admin, found, orphan
from podium_proxy.supervision.bootstrap import ADMIN, binary, bootstrap, fingerprint

_LOOK_SECONDS = 0.2
_FIRST_DELAY, _LAST_DELAY = 0.2, 15.0
_STEADY_SECONDS = 30.0
_END_SECONDS = 10.0
_LINGER_SECONDS = 3.0
_DRAIN_SECONDS = 600
_BASES = 1 << 24
_FLUSH_MS = "1000"  # of access logs


class Watch:
    """`on_trouble` hears a sentence when Envoy does not stay up, None when it does again."""

    def __init__(self, data_dir: Path, concurrency: int, on_trouble: Callable[[str | None], None], log: Log) -> None:
        self._data_dir, self._concurrency, self._on_trouble, self._log = data_dir, concurrency, on_trouble, log
        self._wanted = asyncio.Event()
        self._program = binary()

    def want(self, wanted: bool) -> None:
        if wanted:
            self._wanted.set()
        else:
            self._wanted.clear()

    async def run(self) -> None:
        """For as long as it is not cancelled; Envoy runs on then."""
        delay = _FIRST_DELAY
        loop = asyncio.get_running_loop()
        while True:
            await self._wanted.wait()
            envoy = found.running(self._data_dir)
            if envoy is not None and envoy.fingerprint != fingerprint(self._program, self._concurrency):
                self._log("Envoy is another than would be started now, and hands its sockets on", pid=envoy.pid)
                envoy = self._start(envoy)
            elif envoy is None:
                await end(self._data_dir)  # one that was taken over from may be left
                envoy = self._start(None)
            else:
                self._log("Envoy was found running", pid=envoy.pid)
            since = loop.time()
            await self._while_running(envoy)
            if not self._wanted.is_set() and found.began(envoy.pid) == envoy.began:
                await end(self._data_dir)
                delay = _FIRST_DELAY
                continue
            delay = _FIRST_DELAY if loop.time() - since > _STEADY_SECONDS else min(delay * 2, _LAST_DELAY)
            self._died(envoy.pid, delay)
            await asyncio.sleep(delay)

    async def _while_running(self, envoy: found.Envoy) -> None:
        told, unwanted = False, 0.0
        while unwanted < _LINGER_SECONDS and found.began(envoy.pid) == envoy.began:
            unwanted = 0.0 if self._wanted.is_set() else unwanted + _LOOK_SECONDS
            if not told and await admin.is_live(self._data_dir):
                self._on_trouble(None)
                told = True
            await asyncio.sleep(_LOOK_SECONDS)

    def _start(self, before: found.Envoy | None) -> found.Envoy:
        """Beside `before`, or by itself."""
        base = random.randrange(1, _BASES) if before is None else before.base
        epoch = 0 if before is None else before.epoch + 1
        (self._data_dir / ADMIN).unlink(missing_ok=True)
        (self._data_dir / "bootstrap.json").write_text(json.dumps(bootstrap(), indent=1))
        command = [str(self._program), "-c", "bootstrap.json", "--concurrency", str(self._concurrency)]
        command += ["--base-id", str(base), "--restart-epoch", str(epoch)]
        command += ["--drain-time-s", str(_DRAIN_SECONDS), "--parent-shutdown-time-s", str(_DRAIN_SECONDS + 5)]
        command += ["--log-level", "error", "--log-path", "envoy.log", "--file-flush-interval-msec", _FLUSH_MS]
        pid = orphan.start(command, self._data_dir)
        mark = fingerprint(self._program, self._concurrency)
        began = found.began(pid) or 0
        envoy = found.Envoy(
            pid=pid,
            began=began,
            fingerprint=mark,
            base=base,
            epoch=epoch,
            before=(before.pid, before.began) if before is not None else None,
        )
        found.remember(self._data_dir, envoy)
        self._log("Envoy is started", pid=envoy.pid)
        return envoy

    def _died(self, pid: int, delay: float) -> None:
        last = _last_line(self._data_dir / "envoy.log")
        self._log("Envoy has ended and is started again", pid=pid, seconds=delay, last=last)
        self._on_trouble(f"Envoy ended, and is started again in {delay:.0f} s. Its last words: {last or 'none'}")


async def end(data_dir: Path) -> bool:
    """Ends this data dir's Envoy, if it runs: softly, then by force."""
    envoy = found.last(data_dir)
    if envoy is None:
        return False
    found.tell(envoy, signal.SIGTERM)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _END_SECONDS
    while found.processes(envoy):
        if loop.time() > deadline:
            found.tell(envoy, signal.SIGKILL)
        await asyncio.sleep(0.02)
    found.forget(data_dir)
    envoy.memory.unlink(missing_ok=True)
    return True


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text(errors="replace").strip().splitlines()
    except OSError:
        return ""
    return lines[-1][:500] if lines else ""
