"""Runs the commands that rotate secrets, step after step, and tells the records how it went.

Which rotations there are and when each is due is in the records. A server that dies runs the command again from its
first step, as Secrets Manager does after a failure: a command must bear that.
Source: Secrets Manager User Guide, "Lambda rotation functions".
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from podium.journals.errors import NotWritten
from podium.journals.events import Stream
from podium.kernel import principal
from podium.kernel.clock import Clock
from podium.kernel.ids import Ids
from podium.kernel.sealing import Sealer
from podium.logs import lines
from podium.runtime.core import NotSaved
from podium.runtime.running import RunningCore
from podium.secretsmanager import rotating, rules
from podium.secretsmanager.records import Secret, SecretRotation
from podium.server.hooks import Hooks, Ran
from podium.server.journals import ServerJournals
from podium.store.session import Change, Transaction
from podium.sts import tokens

STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
AT_ONCE = 4
LIFETIME = timedelta(hours=1)  # of the command's credentials, which end with the rotation anyway
AFTER_A_LOSS = timedelta(seconds=1)
log = logging.getLogger("podium.rotation")


class Rotations:
    def __init__(
        self,
        core: RunningCore,
        clock: Clock,
        ids: Ids,
        sealer: Sealer,
        hooks: Hooks,
        journals: ServerJournals,
        url: str,
    ) -> None:
        """`url` is where commands on this machine find the server."""
        self._core, self._clock, self._ids, self._sealer = core, clock, ids, sealer
        self._hooks, self._journals, self._url = hooks, journals, url
        self._wake, self._places = asyncio.Event(), asyncio.Semaphore(AT_ONCE)
        self._running: dict[str, tuple[str, asyncio.Task[None]]] = {}  # by secret: which rotation, and its work
        core.core.watchers.append(self._changed)

    async def run(self) -> None:
        """Until it is cancelled, which kills the commands that run."""
        try:
            while True:
                self._wake.clear()
                waiting = await self._core.read(lambda tx: list(tx.list(SecretRotation)))
                self._give_up({rotation.arn: rotation.token for rotation in waiting})
                await self._sleep(self._begin(waiting))
        finally:
            self._give_up({})
            await asyncio.gather(*(task for _, task in self._running.values()), return_exceptions=True)

    def _give_up(self, wanted: Mapping[str, str]) -> None:
        """What was cancelled, or whose secret is to go: its command is killed."""
        for arn, (token, task) in self._running.items():
            if wanted.get(arn) != token:
                task.cancel()

    def _begin(self, waiting: Sequence[SecretRotation]) -> timedelta | None:
        """How long until another is due; None when there is none."""
        now = self._clock.now()
        idle = [rotation for rotation in waiting if rotation.arn not in self._running]
        for rotation in idle:
            if rotation.due_at <= now:
                self._running[rotation.arn] = rotation.token, asyncio.create_task(self._rotate(rotation))
        return min((rotation.due_at - now for rotation in idle if rotation.due_at > now), default=None)

    async def _sleep(self, most: timedelta | None) -> None:
        try:
            async with asyncio.timeout(most.total_seconds() if most is not None else None):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _rotate(self, rotation: SecretRotation) -> None:
        try:
            async with self._places:
                failure = await self._attempt(rotation)
                failure = await self._core.call(lambda tx: self._settled(tx, rotation, failure))
            outcome = f"failed reason={failure}" if failure else "ok"
            log.info("rotation secret=%s version=%s outcome=%s", rotation.arn, rotation.token, outcome)
        except (NotSaved, NotWritten) as error:
            log.warning("rotation is tried again secret=%s reason=%s", rotation.arn, error)
            await asyncio.sleep(AFTER_A_LOSS.total_seconds())
        finally:
            del self._running[rotation.arn]
            self._wake.set()

    async def _attempt(self, rotation: SecretRotation) -> str:
        """Why it failed; nothing when all went well. Raises NotSaved, NotWritten."""
        try:
            return await self._stepped(rotation)
        except (NotSaved, NotWritten):
            raise
        except Exception as error:
            log.exception("rotation failed secret=%s", rotation.arn)
            return f"This is a bug of Podium's: {type(error).__name__}: {error}"

    async def _stepped(self, rotation: SecretRotation) -> str:
        """Which step failed and how; nothing when all went well."""
        name = rules.function_name(rotation.function)
        environment = self._environment(rotation, name)
        for step in STEPS:
            event = {"Step": step, "SecretId": rotation.arn, "ClientRequestToken": rotation.token}
            ran = await self._hooks.run(name, event, environment)
            await self._told(rotation, name, step, ran)
            if ran.failure:
                return f"{name} in step {step}: {ran.failure}"
        return ""

    def _settled(self, tx: Transaction, rotation: SecretRotation, failure: str) -> str:
        """What was cancelled in the meantime is over whatever its command made of it."""
        held = tx.get(SecretRotation, rotation.arn)
        if held is None or held.token != rotation.token:
            return "it was cancelled"
        now = self._clock.now()
        if not failure:
            return rotating.succeed(tx, held, now)
        rotating.fail(tx, held, failure, now)
        return failure

    def _environment(self, rotation: SecretRotation, name: str) -> Mapping[str, str]:
        """What a Lambda function finds in its own, with credentials for this secret alone."""
        _, _, _, region, account, *_ = rotation.arn.split(":")
        who = principal.hook(account, rotation.arn, name, rotation.token)
        access_key_id = tokens.new_access_key_id(self._ids)
        keys = tokens.begun(self._sealer, access_key_id, who, self._clock.now(), LIFETIME)
        return {
            "AWS_ACCESS_KEY_ID": keys.access_key_id,
            "AWS_SECRET_ACCESS_KEY": keys.secret,
            "AWS_SESSION_TOKEN": keys.token,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": self._url,
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "SECRETS_MANAGER_ENDPOINT": self._url,
        }

    async def _told(self, rotation: SecretRotation, name: str, step: str, ran: Ran) -> None:
        """In CloudWatch Logs, where a Lambda function's output is. The server's own log has none of it."""
        now = self._clock.now()
        group, stream_name = f"/aws/lambda/{name}", f"{now:%Y/%m/%d}/[$LATEST]{rotation.token}"

        def find(tx: Transaction) -> Stream | None:
            held = tx.get(Secret, rotation.arn)
            return lines.made(tx, held.home, group, stream_name, self._ids, now, group_too=True) if held else None

        stream = await self._core.call(find)
        if stream is not None:
            said = [f"START {step}", *ran.output.splitlines(), f"END {step}: {ran.failure or 'ok'}"]
            moment = int(now.timestamp() * 1000)
            await self._journals.write_lines(stream, [(moment, line) for line in said if line])

    def _changed(self, changes: Sequence[Change]) -> None:
        if any(change.kind is SecretRotation for change in changes):
            self._wake.set()
