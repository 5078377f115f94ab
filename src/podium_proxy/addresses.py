"""The private addresses of load balancers, put on this machine's loopback interface, and taken off again.

The label says that an address is ours; a file says which ones this data dir put there.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from podium_program import shell
from podium_program.log import Log
from podium_proxy.envoy.clusters import is_loopback

_LABEL = "lo:podium-lb"


class Addresses:
    def __init__(self, data_dir: Path, log: Log) -> None:
        self._path = data_dir / "addresses.json"
        self._log = log
        self._ours: set[str] = set(self._read())
        self._present: set[str] | None = None

    @property
    def here(self) -> set[str]:
        """Those that are on the machine."""
        return set(self._present or ())

    async def hold(self, wanted: Iterable[str]) -> None:
        """Puts what is missing on `lo`, and takes off what is not wanted any more."""
        wanted = {address for address in wanted if not is_loopback(address)}
        if os.geteuid() != 0:
            return
        if self._present is None:
            self._present = await present() & (wanted | self._ours)
        await self._add(wanted - self._present)
        await self._remove(self._ours - wanted)

    async def clear(self) -> None:
        await self.hold(())
        self._path.unlink(missing_ok=True)

    async def _add(self, missing: set[str]) -> None:
        """What somebody else has put there already stays theirs."""
        if not missing:
            return
        absent = missing - await present()
        if absent:
            self._ours |= absent
            self._write()  # before they are there: a kill in between leaves none behind
            await self._batch("".join(f"address add {a}/32 dev lo label {_LABEL}\n" for a in sorted(absent)))
        self._present = (self._present or set()) | (missing & await present())

    async def _remove(self, unused: set[str]) -> None:
        if not unused:
            return
        await self._batch("".join(f"address del {address}/32 dev lo\n" for address in sorted(unused)))
        self._ours -= unused
        self._present = (self._present or set()) - unused
        self._write()

    async def _batch(self, lines: str) -> None:
        try:
            await shell.run("ip", "-force", "-batch", "-", given=lines)
        except shell.ShellError as error:
            self._log("an address could not be put on lo, or taken off", reason=str(error))

    def _read(self) -> list[str]:
        try:
            return list(json.loads(self._path.read_text()))
        except (OSError, ValueError):
            return []

    def _write(self) -> None:
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(sorted(self._ours)))
        beside.rename(self._path)


async def present() -> set[str]:
    """All IPv4 addresses of this machine."""
    try:
        listed = json.loads(await shell.run("ip", "-json", "-4", "address", "show"))
    except (shell.ShellError, ValueError):
        return set()
    return {info["local"] for link in listed for info in link.get("addr_info", []) if "local" in info}
