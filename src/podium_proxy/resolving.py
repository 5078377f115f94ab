"""Where the resolver of this machine's VPC is started, and told of what changes. What it answers is `dns`'s matter."""

import importlib
import importlib.util
import os
from ipaddress import ip_network
from typing import Any, Protocol

from podium_protocol.proxy import Configuration
from podium_proxy.log import Log

_PORT = 53
_PLACE = 2  # as in a VPC of AWS: the network's address and two


class Answers(Protocol):
    async def start(self, address: str, port: int) -> None: ...

    def update(self, configuration: Configuration) -> None: ...

    async def close(self) -> None: ...


class Resolving:
    """`address` is where questions are answered, None nowhere."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._answers = _made()
        self.address: str | None = None

    def heard(self, message: Configuration) -> None:
        if self._answers is not None:
            self._answers.update(message)

    async def serve(self, vpc: str | None) -> None:
        """Once `wanted(vpc)` is on the machine."""
        address = wanted(vpc)
        if self._answers is None or address == self.address:
            return
        await self.close()
        if address is None:
            return
        try:
            await self._answers.start(address, _PORT)
        except OSError as error:
            self._log("names cannot be answered", address=address, reason=error.strerror or str(error))
            return
        self.address = address

    async def close(self) -> None:
        if self._answers is not None and self.address is not None:
            self.address = None
            await self._answers.close()


def wanted(vpc: str | None) -> str | None:
    """The address that the resolver of `vpc` has. None without one, or without the right to put it on the machine."""
    return str(ip_network(vpc)[_PLACE]) if vpc and os.geteuid() == 0 else None


def _made() -> Answers | None:
    """A proxy without the room `dns` answers nothing."""
    if importlib.util.find_spec("podium_proxy.dns") is None:
        return None
    made: Any = importlib.import_module("podium_proxy.dns").Resolver()
    answers: Answers = made
    return answers
