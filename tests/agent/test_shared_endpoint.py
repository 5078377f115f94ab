"""Two agents of a host that answer for each other, over real sockets but without the host's own address."""

import asyncio
import json
import socket
from contextlib import suppress

from podium_agent.endpoint import doors
from podium_agent.endpoint.doors import Door, on_a_socket, over_a_socket, over_tcp
from podium_agent.endpoint.shared import Together
from podium_agent.net.server import Answer
from podium_program.log import Log


class Own:
    """An agent that knows one path, and remembers who asked for it."""

    def __init__(self, name):
        self.name, self.callers = name, []

    async def answer(self, asked):
        if asked.head.path != f"/v4/{self.name}":
            return None
        self.callers.append(asked.caller)
        return Answer(body=[self.name, asked.head.query, asked.body.decode()])

    def refusal(self, asked):
        return Answer(status=404, body=f"nobody knows {asked.head.path}")

    async def control_plane_of(self, caller):
        return f"http://{self.name}" if caller == f"10.0.0.{self.name}" else ""

    async def share(self):
        return {"instances": [], "tasks": [{"Arn": self.name, "Containers": []}]}


async def asked(port, request):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request.encode())
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    head, _, body = answer.decode().partition("\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def told(folder, *requests, story=None):
    """What the agent called 1 answers over TCP, with the agent called 2 beside it. Both agents' own parts."""
    owns = [Own("1"), Own("2")]

    async def play():
        together = [Together(own, folder / f"{own.name}.sock") for own in owns]
        servers = [
            await on_a_socket(folder / f"{own.name}.sock", over_a_socket(one.respond_to_peer))
            for own, one in zip(owns, together, strict=True)
        ]
        door = await asyncio.start_server(over_tcp(together[0].respond), "127.0.0.1", 0)
        port = door.sockets[0].getsockname()[1]
        answers = [await asked(port, request) for request in requests]
        if story is not None:
            answers.append(await story(together[0]))
        for server in (door, *servers):
            server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*others, return_exceptions=True)
        for _ in range(5):
            await asyncio.sleep(0)  # closed transports let go of their sockets in the loop's next turns
        return answers

    return asyncio.run(play()), owns


def get(path, *headers):
    return "\r\n".join([f"GET {path} HTTP/1.1", *headers]) + "\r\n\r\n"


def test_what_one_does_not_know_another_answers_and_is_told_who_asked(tmp_path):
    put = "PUT /v4/2?a=b HTTP/1.1\r\nContent-Length: 4\r\nX-Podium-Caller: 10.9.9.9\r\n\r\nbody"
    answers, owns = told(tmp_path, get("/v4/1"), put, get("/v4/3"))
    assert answers == [(200, ["1", "", ""]), (200, ["2", "a=b", "body"]), (404, "nobody knows /v4/3")]
    assert [own.callers for own in owns] == [["127.0.0.1"], ["127.0.0.1"]]


def test_what_agents_ask_each_other_is_not_for_callers(tmp_path):
    paths = ("/share", "/owner", "/asked/share", "/asked/asked/v4/2", "//share", "/./share")
    answers, _ = told(tmp_path, *(get(path, "X-Podium-Caller: 10.0.0.2") for path in paths))
    assert answers == [(404, f"nobody knows {path}") for path in paths]


def test_the_control_plane_of_another_agent_s_task_is_found(tmp_path):
    async def story(together):
        return [await together.control_plane_of(f"10.0.0.{n}") for n in (1, 2, 3)]

    answers, _ = told(tmp_path, story=story)
    assert answers == [["http://1", "http://2", ""]]


def test_sockets_of_agents_that_were_killed_are_passed_over_and_removed(tmp_path):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "dead.sock"))
    answers, _ = told(tmp_path, get("/v4/2"))
    assert answers == [(200, ["2", "", ""])]
    assert not (tmp_path / "dead.sock").exists()


def test_while_one_agent_leaves_who_has_asked_it_is_answered_and_others_ask_the_next(monkeypatch):
    monkeypatch.setattr(doors, "_LEAVING_SECONDS", 60.0)

    async def play():
        was_asked, may_answer = asyncio.Event(), asyncio.Event()

        async def late(request):
            was_asked.set()
            await may_answer.wait()
            return Answer(body="the first, late")

        async def at_once(request):
            return Answer(body="the second")

        async def nothing():
            raise AssertionError("the address is there")

        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        first, second = (Door("127.0.0.1", port, over_tcp(respond), Log(), nothing) for respond in (late, at_once))
        assert await first.open()
        answer = asyncio.create_task(asked(port, get("/")))
        await was_asked.wait()
        assert await second.open()
        leaving = asyncio.create_task(first.leave())
        await asyncio.sleep(0)
        for _ in range(20):
            assert await asked(port, get("/")) == (200, "the second")
        assert not leaving.done()
        may_answer.set()
        await leaving
        assert await answer == (200, "the first, late")
        await second.leave()

    asyncio.run(play())


def test_an_agent_that_leaves_waits_no_longer_than_its_patience_for_an_answer(monkeypatch):
    monkeypatch.setattr(doors, "_LEAVING_SECONDS", 0.0)

    async def play():
        was_asked, may_answer = asyncio.Event(), asyncio.Event()

        async def late(request):
            was_asked.set()
            await may_answer.wait()
            return Answer(body="too late to be waited for")

        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        door = Door("127.0.0.1", port, over_tcp(late), Log(), lambda: None)
        assert await door.open()
        answer = asyncio.create_task(asked(port, get("/")))
        await was_asked.wait()
        await asyncio.wait_for(door.leave(), 60)
        assert not answer.done()
        may_answer.set()
        await answer

    asyncio.run(play())
