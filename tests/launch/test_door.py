"""Podium in a container: what is asked of the engine, and the door's two ends, without an engine."""

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.launch.engine import Engine, EngineRefused
from podium.launch.errors import Trouble
from podium.launch.in_docker import box, container
from podium.launch.in_docker.box import Box
from podium.launch.in_docker.mux import Mux
from podium.launch.paths import DataDir

BOX = Box(name="podium-1a2b3c4d", docker_host="unix:///there.sock", image="podium/podium:1")


def test_the_container_is_in_the_engine_s_network_with_its_socket_and_its_volume():
    asked = box.body(BOX, ["up"], {"PODIUM_ROOT_ACCESS_KEY": "AK"})
    host = asked["HostConfig"]
    assert (host["NetworkMode"], host["PidMode"]) == ("host", "host")
    assert host["Binds"] == [
        "/var/run/docker.sock:/var/run/docker.sock",
        "podium-1a2b3c4d:/var/lib/podium",
        "/run/podium:/run/podium",
        "/sys/fs/cgroup:/sys/fs/cgroup",
    ]
    assert "Privileged" not in host
    assert asked["Cmd"] == ["up"]
    assert asked["Env"] == ["PODIUM_ROOT_ACCESS_KEY=AK"]


def test_what_a_data_dir_knows_is_read_back_and_its_owner_s_alone(tmp_path):
    paths = DataDir(root=tmp_path)
    assert box.read(paths) is None
    box.keep(paths, BOX)
    assert box.read(paths) == BOX
    assert stat.S_IMODE(paths.box_file.stat().st_mode) == 0o600
    with pytest.raises(Trouble, match=r"in volume podium-1a2b3c4d of the engine at unix:///there.sock. Ask podium/"):
        box.refuse(paths, "Ask {image}.")


def test_a_newer_podium_s_words_about_it_are_no_trouble(tmp_path):
    paths = DataDir(root=tmp_path)
    box.keep(paths, BOX)
    paths.box_file.write_text(json.dumps(json.loads(paths.box_file.read_text()) | {"since": "later"}))
    assert box.read(paths) == BOX


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def doors(serve: Serve) -> AsyncIterator[tuple[int, asyncio.StreamWriter]]:
    """Both ends back to back, with `serve` behind them: the port of the outer one, and what is between them."""
    (outer_reader, outer_writer), (inner_reader, inner_writer) = [
        await asyncio.open_connection(sock=end) for end in socket.socketpair()
    ]
    server = await asyncio.start_server(serve, "127.0.0.1", 0)

    async def opened(number: int) -> None:
        await inner.relay(number, *await asyncio.open_connection(*server.sockets[0].getsockname()))

    inner, outer = Mux(inner_reader, inner_writer, opened), Mux(outer_reader, outer_writer)
    runs = [asyncio.ensure_future(mux.run()) for mux in (inner, outer)]
    door = await asyncio.start_server(outer.open, "127.0.0.1", 0)
    try:
        yield door.sockets[0].getsockname()[1], outer_writer
    finally:
        for standing in (door, server):
            standing.close()
        outer_writer.close()
        inner_writer.close()
        await asyncio.gather(*runs)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers once everything was asked."""
    writer.write(await reader.read())
    writer.close()


async def answer(port: int, asked: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(asked)
    writer.write_eof()
    told = await reader.read()
    writer.close()
    return told


contents = st.one_of(
    st.binary(max_size=300), st.integers(2**16 - 2, 2**21).map(lambda size: (b"%08x" % size) * (size // 8))
)


@settings(max_examples=15, deadline=None)
@given(st.lists(contents, min_size=1, max_size=8))
def test_every_connection_gets_its_own_answer_whole(asked):
    async def all_at_once() -> list[bytes]:
        async with doors(echo) as (port, _):
            return list(await asyncio.gather(*(answer(port, one) for one in asked)))

    assert asyncio.run(all_at_once()) == asked


def test_a_connection_that_nobody_reads_holds_up_no_other():
    read_on = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if await reader.readexactly(4) == b"slow":
            await read_on.wait()
        await echo(reader, writer)

    async def story() -> tuple[bytes, int]:
        async with doors(serve) as (port, _):
            slow = asyncio.ensure_future(answer(port, b"slow" + bytes(8 * 2**20)))
            quick = await answer(port, b"fastnow")
            read_on.set()
            return quick, len(await slow)

    assert asyncio.run(story()) == (b"now", 8 * 2**20)


def test_connections_end_with_what_carries_them():
    async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def story() -> bytes:
        async with doors(never) as (port, between):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"hello")
            await writer.drain()
            between.close()
            told = await reader.read()
            writer.close()
            return told

    assert asyncio.run(story()) == b""


def test_an_engine_that_refuses_its_folders_gets_a_container_without_them(monkeypatch):
    calls = []

    def ask(self, method, path, body=None, **query):
        calls.append((method, path, len(body["HostConfig"]["Binds"]) if body else None))
        if method == "POST" and path.endswith("/start") and calls[-2][2] == 4:
            raise EngineRefused(500, "Mounts denied", path)

    monkeypatch.setattr(Engine, "ask", ask)
    container.start(BOX, ["up"], {})
    made = [binds for method, path, binds in calls if path == "/containers/create"]
    assert made == [4, 2]
    assert calls[-1][1] == "/containers/podium-1a2b3c4d/start"
