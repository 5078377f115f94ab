"""The task endpoint of a host, shared by its agents: whichever is asked answers for all."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from podium_agent.endpoint import plumbing, rules
from podium_agent.endpoint.doors import CALLER_HEADER, NOT_MINE, Asked, Door, on_a_socket, over_a_socket, over_tcp
from podium_agent.endpoint.limits import BURST, STEADY, Limits
from podium_agent.endpoint.relay import Relay
from podium_agent.metadata import introspection
from podium_agent.net import http
from podium_agent.net.server import Answer, Head
from podium_program.log import Log

INTROSPECTION_PORT = 51678
_LOOPBACK = "127.0.0.1"
_AGAIN_SECONDS = 5.0
_ASKED, _OWNER, _SHARE = "/asked", "/owner", "/share"
"""What agents ask each other: what a caller asked, whose a caller is, and what there is to tell of oneself.

What a caller asked always comes behind the first of these, so that no path of a caller's is taken for the others.
"""

_PEER_SECONDS = 50.0
_STRANGERS = 10  # times as many requests as a task may make, for callers whose task is another agent's


class Own(Protocol):
    """What this agent knows by itself."""

    async def answer(self, asked: Asked) -> Answer | None:
        """None when the request is about no task of this agent's."""

    def refusal(self, asked: Asked) -> Answer: ...

    async def control_plane_of(self, caller: str) -> str:
        """The URL that tasks at the address are to reach; empty when none of this agent's tasks is there."""

    async def share(self) -> Mapping[str, Any]:
        """This agent's part of the introspection."""


class Together:
    """This agent's own answers, and for what it does not know those of its peers. `mine` is its own socket."""

    def __init__(self, own: Own, mine: Path) -> None:
        self._own, self._mine = own, mine
        self._limits = Limits(STEADY * _STRANGERS, BURST * _STRANGERS)

    async def respond(self, asked: Asked) -> Answer:
        answer = await self._own.answer(asked)
        if answer is not None:
            return answer
        if not self._limits.take(asked.caller, asyncio.get_running_loop().time()):
            return Answer(status=429, body="You have reached maximum request limit.")
        behind = replace(asked, head=replace(asked.head, target=_ASKED + asked.head.target))
        return next(iter(await self._peers(behind)), None) or self._own.refusal(asked)

    async def respond_to_peer(self, asked: Asked) -> Answer:
        match asked.head.path:
            case "/owner":
                url = await self._own.control_plane_of(asked.caller)
                return Answer(body=url) if url else Answer(status=NOT_MINE)
            case "/share":
                return Answer(body=await self._own.share())
            case _:
                head = replace(asked.head, target=asked.head.target.removeprefix(_ASKED))
                return await self._own.answer(replace(asked, head=head)) or Answer(status=NOT_MINE)

    async def introspect(self, asked: Asked) -> Answer:
        if asked.head.method != "GET":
            return Answer(status=405, body="this method is not served here")
        told = await self._peers(Asked(head=_get(_SHARE), caller=asked.caller))
        shares = [await self._own.share(), *(json.loads(answer.body) for answer in told)]
        return introspection.answer(asked.head, shares)

    async def control_plane_of(self, caller: str) -> str:
        url = await self._own.control_plane_of(caller)
        if url:
            return url
        told = await self._peers(Asked(head=_get(_OWNER), caller=caller))
        return str(json.loads(told[0].body)) if told else ""

    async def _peers(self, asked: Asked) -> list[Answer]:
        """What those peers say that know anything."""
        peers = await asyncio.to_thread(plumbing.peers, self._mine)
        answers = await asyncio.gather(*(_ask(path, asked) for path in peers))
        return [answer for answer in answers if answer is not None]


def _get(path: str) -> Head:
    return Head(method="GET", target=path)


async def _ask(path: Path, asked: Asked) -> Answer | None:
    client = http.to_unix_socket(str(path))
    head, headers = asked.head, {CALLER_HEADER: asked.caller}
    try:
        told = await client.request(head.method, head.target, headers=headers, body=asked.body, timeout=_PEER_SECONDS)
    except (OSError, EOFError, ValueError):
        return None
    finally:
        client.close()
    if told.status == NOT_MINE:
        return None
    kind = {"Content-Type": told.headers.get("content-type", "application/json")}
    return Answer(status=told.status, body=told.body, headers=kind)


class SharedEndpoint:
    """`open` takes part in the host's endpoint, `run` serves it, `leave` ends that."""

    def __init__(self, own: Own, bridge: str, log: Log) -> None:
        self._bridge, self._log = bridge, log
        self._mine = plumbing.folder() / f"{uuid4().hex[:16]}.sock"
        self._together = together = Together(own, self._mine)
        relay = Relay(together.control_plane_of)
        respond = over_tcp(together.respond)
        self._doors = [
            Door(rules.ADDRESS, rules.PORT, respond, log, self._again),
            Door(rules.ADDRESS, rules.API_PORT, relay.serve, log, self._again),
            Door(_LOOPBACK, INTROSPECTION_PORT, over_tcp(together.introspect), log, self._again),
        ]
        self._socket: asyncio.Server | None = None

    async def open(self) -> None:
        """Once this returns, the endpoint answers for this agent's tasks. Raises NoEndpoint."""
        await asyncio.to_thread(plumbing.set_up, self._bridge)
        self._socket = await on_a_socket(self._mine, over_a_socket(self._together.respond_to_peer))
        await self._again()  # the last of the others may have left just then
        for door in self._doors:
            await door.open()

    async def run(self) -> None:
        """Until it is cancelled."""
        async with asyncio.TaskGroup() as working:
            working.create_task(self._keep_up())
            for door in self._doors:
                working.create_task(door.run())

    async def leave(self) -> None:
        """The last agent of the host takes all of it down."""
        try:
            await asyncio.gather(*(door.leave() for door in self._doors))
        finally:
            self._take_down()

    def _take_down(self) -> None:
        if self._socket is not None:
            self._socket.close()
            try:
                plumbing.take_down(self._mine)
            except plumbing.NoEndpoint as error:
                self._log("could not take the task endpoint down", reason=str(error))

    async def _keep_up(self) -> None:
        """A firewall that is reloaded may take our rules away."""
        while True:
            await asyncio.sleep(_AGAIN_SECONDS)
            await self._again()

    async def _again(self) -> None:
        try:
            await asyncio.to_thread(plumbing.keep_up, self._bridge, self._mine)
        except plumbing.NoEndpoint as error:
            self._log("could not set the task endpoint up", reason=str(error))
