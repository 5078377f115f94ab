"""How a task's state changes are told: over the channel while the control plane takes them there, else by a call.

On the channel there is nothing to sign and no head of HTTP to write and read, for either side.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from podium_agent.api import Api, ApiError
from podium_protocol import acs, encode

_ANSWER_SECONDS = 30.0
_NOT_TO_BE_WRITTEN = "SerializationException"


class StateChanges:
    """`send` puts a frame on the channel. What comes over it is told here, and that it ended."""

    def __init__(self, api: Api, send: Callable[[str], None]) -> None:
        self._api, self._send = api, send
        self._are_taken = False
        self._waiting: dict[str, asyncio.Future[Mapping[str, Any]]] = {}

    def heartbeat(self, body: Mapping[str, Any]) -> None:
        """Each says whether they are taken on this connection."""
        self._are_taken = body.get("takesStateChanges") is True

    def answered(self, body: Mapping[str, Any]) -> None:
        waiting = self._waiting.get(str(body.get("messageId", "")))
        if waiting is not None and not waiting.done():
            waiting.set_result(body)

    def closed(self) -> None:
        """What is on its way may have arrived or not: it is to be told again."""
        self._are_taken = False
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(ConnectionError("the channel closed before it was answered"))

    async def tell(self, change: Mapping[str, Any]) -> None:
        """Returns once it is durable. Raises ApiError when refused, OSError or EOFError when not reached."""
        if not self._are_taken:
            await self._api.call("SubmitTaskStateChange", change)
            return
        answer = await self._answer(change)
        if code := answer.get("code"):
            raise ApiError(str(code), str(answer.get("message", "")), int(answer.get("status", 400)))

    async def _answer(self, change: Mapping[str, Any]) -> Mapping[str, Any]:
        number = str(uuid4())
        waiting: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            self._send(encode(acs.state_change({"messageId": number, "change": change})))
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await waiting
        except TimeoutError:
            self._are_taken = False  # nobody may be at the other end any more; the next heartbeat tells
            raise
        except ValueError as error:  # half a character, say
            raise ApiError(_NOT_TO_BE_WRITTEN, str(error), 400) from error
        finally:
            del self._waiting[number]
