"""The least that an answer can cost here: the same HTTP server, the same number of bytes, and nothing thought about.

`POST /SIZE` answers with so many bytes; `POST /SIZE/commit` commits as many to SQLite first, in groups, as Podium does.
"""

import asyncio
import sqlite3
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import uvicorn
import uvloop


class Disk:
    """One thread that commits whatever waits, together."""

    def __init__(self, path: Path) -> None:
        self._waiting: SimpleQueue[tuple[str, asyncio.Future[None]]] = SimpleQueue()
        self._path = path
        threading.Thread(target=self._run, daemon=True).start()

    async def keep(self, body: str) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put((body, future))
        await future

    def _run(self) -> None:
        database = sqlite3.connect(self._path, isolation_level=None)
        database.execute("pragma journal_mode=wal")
        database.execute("pragma synchronous=full")
        database.execute("create table kept (body text not null)")
        while True:
            group = [self._waiting.get()]
            while not self._waiting.empty():
                group.append(self._waiting.get())
            database.execute("begin immediate")
            database.executemany("insert into kept values (?)", [(body,) for body, _ in group])
            database.execute("commit")
            for _, future in group:
                future.get_loop().call_soon_threadsafe(future.set_result, None)


class Answer:
    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        _, size, *commit = scope["path"].split("/")
        while (await receive()).get("more_body"):
            pass
        body = "x" * int(size or 0)
        if commit:
            await self._disk.keep(body)
        headers = [(b"content-type", b"application/x-amz-json-1.1"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})


async def _serve(port: int) -> None:
    app = Answer(Disk(Path("floor.db")))
    await uvicorn.Server(
        uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="off", proxy_headers=False)
    ).serve()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(int(sys.argv[1])))
