"""The inner end of the door: `python -m podium.launch.in_docker.inner`, run in the container by the outer end.

What comes on stdin are connections to this Podium's API; what they answer goes to stdout.
"""

import asyncio
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from podium.launch import running
from podium.launch.in_docker.box import INNER_DATA_DIR
from podium.launch.in_docker.mux import Mux
from podium.launch.paths import DataDir


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    writer = asyncio.StreamWriter(transport, protocol, None, loop)
    paths = DataDir(root=Path(os.environ.get("PODIUM_DATA_DIR", INNER_DATA_DIR)))

    async def opened(number: int) -> None:
        found = running.listening(paths)
        address = urlsplit(found[0]) if found else None
        try:
            if address is None:
                raise ConnectionRefusedError
            server = await asyncio.open_connection(address.hostname, address.port)
        except OSError:
            await mux.refuse(number)
            return
        await mux.relay(number, *server)

    mux = Mux(reader, writer, opened)
    await mux.run()


if __name__ == "__main__":
    asyncio.run(_serve())
