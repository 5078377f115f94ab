"""Bugs that are planted in the log relay to see whether the laws of its stories bite: each is to be found."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from podium_agent.api import ApiError
from podium_agent.awslogs.spool import CREATE_STREAM, PUT, Sender
from podium_sim.planted.planting import Function, Planted, planted
from stories.relay_story import RelayStory

WITHIN = 40
"""Seeds within which each has to be found."""

_SPOOL = "podium_agent.awslogs.spool:Spool"
_ANSWERED = "podium_agent.awslogs.relay:Relay._answered"
_FORWARDER = "podium_agent.awslogs.sending:Forwarder"


def found(bug: Planted, folder: Path) -> str:
    """What the first story says that goes wrong with the bug in place; empty when none does."""
    for seed in range(WITHIN):
        place = folder / f"{bug.says} {seed}"
        place.mkdir()
        with planted(bug):
            try:
                RelayStory(seed, place).live()
            except AssertionError as error:
                return str(error)
    return ""


def _deletes_first(right: Function) -> Any:
    async def arrive(self: Any, entry: Any) -> None:
        self._spool.done(entry)
        await right(self, entry)

    return arrive


def _drops_what_fails(right: Function) -> Any:
    async def made(self: Any, entry: Any) -> Any:
        try:
            return await right(self, entry)
        except ApiError as error:
            if error.status >= 500:
                return {}
            raise

    return made


def _gives_up_when_throttled(right: Function) -> Any:
    async def made(self: Any, entry: Any) -> Any:
        try:
            return await right(self, entry)
        except ApiError as error:
            if error.code == "ThrottlingException":
                raise ApiError("LimitExceededException", "no", 400) from error
            raise

    return made


def _newest_first(right: Function) -> Any:
    def oldest(self: Any) -> Any:
        [row] = self._database.execute("SELECT max(number) FROM spool")
        self._database.execute("CREATE TEMP TABLE IF NOT EXISTS aside AS SELECT * FROM spool WHERE 0")
        self._database.execute("INSERT INTO aside SELECT * FROM spool WHERE number < ?", row)
        self._database.execute("DELETE FROM spool WHERE number < ?", row)
        found = right(self)
        self._database.execute("INSERT INTO spool SELECT * FROM aside")
        self._database.execute("DELETE FROM aside")
        return found

    return oldest


def _counts_by(more: int) -> Any:
    def becomes(right: Function) -> Any:
        return lambda self, number, request, lost: right(self, number, request, max(1, lost + more))

    return becomes


def _counts_the_last_only(right: Function) -> Any:
    return lambda self, number, request, lost: right(self, number, request, len(request["logEvents"]))


def _forgets_to_count(right: Function) -> Any:
    def put(self: Any, number: int, request: Any, lost: int) -> int:
        right(self, number, request, lost)
        self._database.execute("DELETE FROM spool WHERE number = ?", (number,))
        return 0

    return put


def _nothing_falls_off(right: Function) -> Any:
    return lambda self, newest: None


def _what_is_under_way_falls_off(right: Function) -> Any:
    def drop(self: Any, newest: int) -> Any:
        self._in_hand = 0
        return right(self, newest)

    return drop


def _empty_at_start(right: Function) -> Any:
    def start(self: Any, path: Path, most: int) -> None:
        for old in path.parent.glob("spool.db*"):
            old.unlink()
        right(self, path, most)

    return start


def _waits_for_the_control_plane(right: Function) -> Any:
    async def answered(self: Any, operation: str, sender: Any, request: Any) -> Any:
        if operation == PUT:
            with suppress(ApiError, OSError, EOFError):
                await self._forwarder.now(CREATE_STREAM, sender, request, 2.0)
        return await right(self, operation, sender, request)

    return answered


def _keeps_the_token(right: Function) -> Any:
    async def answered(self: Any, operation: str, sender: Any, request: Any) -> Any:
        api = self._forwarder._api_for(sender)
        token = api._signer.credentials.session_token if api else ""
        return await right(self, operation, replace(sender, cluster=f"{sender.cluster} {token}"), request)

    return answered


def _tells_the_token(right: Function) -> Any:
    async def now(self: Any, operation: str, sender: Any, request: Any, timeout: float) -> Any:
        try:
            return await right(self, operation, sender, request, timeout)
        except ApiError as error:
            api = self._api_for(sender)
            raise ApiError(error.code, f"{error.message} {api._signer.credentials.session_token}", 400) from error

    return now


def _says_nothing(right: Function) -> Any:
    return lambda entry, answer: 0


def _never_rests(right: Function) -> Any:
    async def run(self: Any) -> None:
        await asyncio.gather(right(self), _asks_again_and_again(self))

    return run


async def _asks_again_and_again(forwarder: Any) -> None:
    nobody = Sender(task_arn="", credentials_id="", cluster="default")
    while True:
        await asyncio.sleep(60.0)
        with suppress(ApiError, OSError, EOFError):
            await forwarder.now(CREATE_STREAM, nobody, {"logGroupName": "none", "logStreamName": "s"}, 2.0)


BUGS = (
    Planted("lines are deleted before they are sent", f"{_FORWARDER}._arrive", _deletes_first),
    Planted("what the control plane fails to take is dropped", f"{_FORWARDER}._made", _drops_what_fails),
    Planted("what is throttled is given up", f"{_FORWARDER}._made", _gives_up_when_throttled),
    Planted("the newest goes first", f"{_SPOOL}.oldest", _newest_first),
    Planted("one line too few is counted", f"{_SPOOL}._put_in_place", _counts_by(-1)),
    Planted("one line too many is counted", f"{_SPOOL}._put_in_place", _counts_by(1)),
    Planted("a count does not go on", f"{_SPOOL}._put_in_place", _counts_the_last_only),
    Planted("what fell off is not counted", f"{_SPOOL}._put_in_place", _forgets_to_count),
    Planted("nothing falls off", f"{_SPOOL}._drop_one", _nothing_falls_off),
    Planted("what is under way falls off", f"{_SPOOL}._drop_one", _what_is_under_way_falls_off),
    Planted("the spool begins empty", f"{_SPOOL}.__init__", _empty_at_start),
    Planted("the driver waits for the control plane", _ANSWERED, _waits_for_the_control_plane),
    Planted("the spool keeps a token", _ANSWERED, _keeps_the_token),
    Planted("a refusal tells a token", f"{_FORWARDER}.now", _tells_the_token),
    Planted("nobody says what was left out", "podium_agent.awslogs.sending:_left_out", _says_nothing),
    Planted("something is sent for ever", f"{_FORWARDER}.run", _never_rests),
)
