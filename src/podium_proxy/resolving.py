"""Where names are answered on this machine: for the tasks of its VPC and, if asked for, for the machine itself."""

import os
from ipaddress import ip_network
from pathlib import Path

from podium_program.log import Log
from podium_protocol.proxy import Configuration
from podium_proxy.dns import Resolver
from podium_proxy.dns.host import Host, HostResolver, undo

_PORT = 53
_PLACE = 2  # as in a VPC of AWS: the network's address and two
_MARK = "host-dns"
"""A file in the data dir, there while the machine asks this proxy for names."""


class Resolving:
    """`address` is where tasks' questions are answered, None nowhere. `trouble` says why the machine's own are not."""

    def __init__(self, data_dir: Path, for_host: bool, log: Log) -> None:
        self._mark, self._log = data_dir / _MARK, log
        self._answers = Resolver()
        self._host = HostResolver() if for_host else None
        self._begun = False
        self._complaint: tuple[str, str] | None = None
        self.address: str | None = None
        self.trouble: str | None = None

    def heard(self, message: Configuration) -> None:
        self._answers.update(message)
        if self._host is not None:
            self._host.update(message)

    async def serve(self, vpc: str | None) -> None:
        """Once `wanted(vpc)` is on the machine."""
        await self._serve_host()
        address = wanted(vpc)
        if address == self.address:
            return
        await self._leave()
        if address is None:
            return
        try:
            await self._answers.start(address, _PORT)
        except OSError as error:
            self._complain(address, error.strerror or str(error))
            return
        self.address, self._complaint = address, None

    def _complain(self, address: str, reason: str) -> None:
        """Once, and again when it is another reason: it is tried at every turn."""
        if self._complaint != (address, reason):
            self._complaint = (address, reason)
            self._log("names cannot be answered", address=address, reason=reason)

    async def _serve_host(self) -> None:
        """Tried once: what keeps the machine from asking us does not go away by itself."""
        if self._host is None or self._begun:
            return
        self._begun = True
        self._mark.touch()
        try:
            await self._host.start()
        except OSError as error:
            self._host, reason = None, error.strerror or str(error)
            self._mark.unlink()
            self.trouble = f"This machine cannot be made to know the names of load balancers: {reason}."
            self._log("the host does not ask us for names", reason=reason)

    async def close(self) -> None:
        await self._leave()
        if self._host is not None and self._begun:
            try:
                await self._host.close()
            except OSError as error:
                self._log("the host's name servers cannot be restored", reason=error.strerror or str(error))
            else:
                self._mark.unlink(missing_ok=True)

    async def _leave(self) -> None:
        if self.address is not None:
            self.address = None
            await self._answers.close()


def wanted(vpc: str | None) -> str | None:
    """The address that the resolver of `vpc` has. None without one, or without the right to put it on the machine."""
    return str(ip_network(vpc)[_PLACE]) if vpc and os.geteuid() == 0 else None


def sweep(data_dir: Path) -> None:
    """Gives the machine its own name servers back, if a proxy that was killed had taken their place."""
    mark = data_dir / _MARK
    if mark.exists():
        undo(Host())
        mark.unlink()
