"""Bringing log requests to the control plane, as the task's execution role, or as the instance where there is none."""

import asyncio
from collections.abc import Callable
from typing import Any

from podium_agent.api import Api, ApiError
from podium_agent.awslogs.spool import CREATE_GROUP, CREATE_STREAM, PUT, Entry, Sender, Spool, SpoolError
from podium_agent.net.backoff import delays
from podium_program.log import Log

PREFIX = "Logs_20140328"
_NOT_FOUND, _EXISTS = "ResourceNotFoundException", "ResourceAlreadyExistsException"
_FIRST_DELAY_SECONDS, _LAST_DELAY_SECONDS = 0.2, 5.0
AT_ONCE_SECONDS, _IN_TURN_SECONDS = 2.0, 30.0
_TRY_AGAIN = (
    "ThrottlingException",
    "ServiceUnavailableException",
    "ExpiredTokenException",
    "InvalidSignatureException",
)

FindApi = Callable[[Sender], Api | None]
"""The API to speak for a task; None while there is nobody to speak for it."""


class Forwarder:
    """`run` empties the spool for as long as it is not cancelled; `wake` it when something was added."""

    def __init__(self, spool: Spool, api_for: FindApi, log: Log) -> None:
        self._spool, self._api_for, self._log = spool, api_for, log
        self._wake = asyncio.Event()

    def wake(self) -> None:
        self._wake.set()

    async def now(self, operation: str, sender: Sender, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        """At once and once; the answer. Raises ApiError when refused, OSError or EOFError when nobody is reached."""
        api = self._api_for(sender)
        if api is None:
            raise ConnectionError("no credentials have arrived yet")
        return await api.call(operation, request, prefix=PREFIX, timeout=timeout)

    async def make(self, sender: Sender, stream: dict[str, str]) -> None:
        """Have the stream, and its group where the task makes its own. Raises as `now` does."""
        try:
            await self.now(CREATE_STREAM, sender, stream, AT_ONCE_SECONDS)
        except ApiError as error:
            if error.code == _EXISTS:
                return
            if error.code != _NOT_FOUND or not sender.makes_groups:
                raise
            await self._have(sender, CREATE_GROUP, {"logGroupName": stream["logGroupName"]})
            await self._have(sender, CREATE_STREAM, stream)

    async def run(self) -> None:
        while True:
            self._wake.clear()
            try:
                while (entry := self._spool.oldest()) is not None:
                    await self._arrive(entry)
                    self._spool.done(entry)
            except SpoolError as error:
                self._log("log lines wait for the disk", reason=str(error))
                await asyncio.sleep(_LAST_DELAY_SECONDS)
            else:
                await self._wake.wait()

    async def _arrive(self, entry: Entry) -> None:
        """Until it is accepted or refused for good."""
        if entry.lost:
            self._log("log lines fell off the full spool", lines=entry.lost, **_where(entry))
        for delay in delays(_FIRST_DELAY_SECONDS, _LAST_DELAY_SECONDS, factor=2.0):
            try:
                answer = await self._made(entry)
                if lines := _left_out(entry, answer):
                    reason = "the control plane finds them too old or too new"
                    self._log("log lines were refused", lines=lines, reason=reason, **_where(entry))
                return
            except ApiError as error:
                if not passes(error):
                    lines = len(entry.request.get("logEvents") or ())
                    self._log("log lines were refused", lines=lines, reason=str(error), **_where(entry))
                    return
            except (OSError, EOFError):
                pass  # the control plane is away; the agent's channels tell of that
            await asyncio.sleep(delay)

    async def _made(self, entry: Entry) -> dict[str, Any]:
        """The answer, with the stream made first where it is missing, and the group where the task makes its own."""
        try:
            return await self.now(entry.operation, entry.sender, entry.request, _IN_TURN_SECONDS)
        except ApiError as error:
            if error.code == _EXISTS and entry.operation != PUT:
                return {}
            if error.code != _NOT_FOUND or entry.operation == CREATE_GROUP:
                raise
            await self.make(entry.sender, {name: entry.request[name] for name in ("logGroupName", "logStreamName")})
            if entry.operation != PUT:
                return {}
            return await self.now(PUT, entry.sender, entry.request, _IN_TURN_SECONDS)

    async def _have(self, sender: Sender, operation: str, request: dict[str, str]) -> None:
        try:
            await self.now(operation, sender, request, AT_ONCE_SECONDS)
        except ApiError as error:
            if error.code != _EXISTS:
                raise


def passes(error: ApiError) -> bool:
    """Whether the same request may be accepted a little later, so that nobody is told of a refusal."""
    return error.status >= 500 or error.code in _TRY_AGAIN


def _left_out(entry: Entry, answer: dict[str, Any]) -> int:
    """How many lines of an accepted request were not taken, by RejectedLogEventsInfo."""
    told = answer.get("rejectedLogEventsInfo") or {}
    lines = len(entry.request.get("logEvents") or ())
    old = max(told.get("tooOldLogEventEndIndex", 0), told.get("expiredLogEventEndIndex", 0))
    return int(old + lines - told.get("tooNewLogEventStartIndex", lines))


def _where(entry: Entry) -> dict[str, str]:
    request = entry.request
    return {
        "group": request.get("logGroupName", ""),
        "stream": request.get("logStreamName", ""),
        "task": entry.sender.task_arn,
    }
