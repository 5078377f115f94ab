"""The control plane as a host's log relay meets it: the real operations, behind a wire that fate makes bad."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from handcore import ENDPOINT, finished
from inprocess import ACCOUNT, BEGINNING, REGION, ROOT, Plane
from podium import sts
from podium.ecs import task_roles
from podium.iam.records import Role
from podium.journals.events import Range
from podium.logs.records import LogGroup, LogStream
from podium.server import instance_keys
from podium.server.instance_keys import InstanceKey
from podium.store.records import replace
from podium.wire.claims import claim_of
from podium.wire.message import Request
from podium_agent.net.http import Response
from podium_protocol import Message, acs
from podium_protocol.signing import Credentials, Signer

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/execution"
LIFETIME = timedelta(minutes=20)
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}
_ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
_UNAVAILABLE = {"__type": "ServiceUnavailableException", "message": "Try again."}
_THROTTLED = {"__type": "ThrottlingException", "message": "Rate exceeded"}


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A request that was carried out, or refused. `signed_by` is the id of the key."""

    operation: str
    request: Mapping[str, Any]
    signed_by: str
    status: int
    answer: Mapping[str, Any]

    @property
    def rejected(self) -> set[int]:
        """Places of events that were not taken."""
        told = self.answer.get("rejectedLogEventsInfo") or {}
        count = len(self.request.get("logEvents", ()))
        old = max(told.get("tooOldLogEventEndIndex", 0), told.get("expiredLogEventEndIndex", 0))
        return {*range(old), *range(told.get("tooNewLogEventStartIndex", count), count)}


class LogPlane:
    """One account with a role that tasks may have and a container instance. It is also the agent's HTTP client.

    `is_away` refuses connections, or with `is_silent` lets them hang. `slowest` is in seconds, each way; the shares
    are of requests. `carried_out` hears of every request, `got_through` of those whose answer arrives.
    """

    host = "podium:4566"

    def __init__(self, fate: Random) -> None:
        self._fate = fate
        self._plane = Plane(dice=fate.randrange(1 << 30))
        self._plane.ecs.create_cluster()
        self.instance = self._plane.join_one("default", 4096, 8192, {})
        self._plane.client("iam").create_role(RoleName="execution", AssumeRolePolicyDocument=json.dumps(_TRUST))
        self.let_role(True)
        self.is_away = self.is_silent = False
        self.slowest, self.losing, self.failing, self.throttling = 0.01, 0.0, 0.0, 0.0
        self.asked = 0
        self.carried_out: Callable[[Heard], None] = lambda heard: None
        self.got_through: Callable[[Heard], None] = lambda heard: None

    def heal(self) -> None:
        self.is_away = self.is_silent = False
        self.slowest, self.losing, self.failing, self.throttling = 0.01, 0.0, 0.0, 0.0
        self.let_role(True)

    def let_role(self, write: bool) -> None:
        role = self._plane.record(Role, ROLE_ARN)
        inline = {"logs": json.dumps(_ALLOW)} if write else {}
        self._plane.write(lambda tx: tx.put(replace(role, inline=inline)))
        self.role_may_write = write

    def has_group(self, name: str) -> bool:
        return any(group.name == name for group in self._plane.records(LogGroup))

    def make_group(self, name: str) -> None:
        self._as_root("CreateLogGroup", logGroupName=name)

    def delete_group(self, name: str) -> None:
        self._as_root("DeleteLogGroup", logGroupName=name)

    def contents(self) -> dict[str, list[str]]:
        """What each stream has now, in the order in which it came."""
        kept = self._plane.journals.kept
        held: dict[str, list[str]] = {}
        for group in self._plane.records(LogGroup):
            for stream in self._plane.records(LogStream, group_arn=group.arn):
                found = kept.events.read(Range(group.key, streams=(stream.key,))) if kept else ()
                ordered = sorted(found, key=lambda event: event.place.number)
                held[f"{group.name} {stream.name}"] = [event.message for event in ordered]
        return held

    def credentials(self, task_arn: str, credentials_id: str) -> tuple[Message, dict[str, str]]:
        """What the agent is sent for a task, and the secrets in it."""
        now = self._now()
        session = task_roles.session(self._plane.record(Role, ROLE_ARN), task_arn)
        made = sts.begun_by_service(self._plane.sealer, self._plane.ids, session, now, LIFETIME)
        secrets = {"accessKeyId": made.access_key_id, "secretAccessKey": made.secret, "sessionToken": made.token}
        given = {"credentialsId": credentials_id, "roleArn": ROLE_ARN, **secrets}
        body = {"messageId": "m", "taskArn": task_arn, "roleType": "TaskExecution", "roleCredentials": given}
        return Message(type=acs.CREDENTIALS, body=body), secrets

    def instance_key(self) -> InstanceKey:
        return instance_keys.issued(self._plane.sealer, self.instance, self._now())

    async def request(
        self, method: str, target: str, *, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> Response:
        """As the agent's HTTP client has it."""
        self.asked += 1
        async with asyncio.timeout(timeout):
            return await self._carried(method, target, headers, body)

    async def _carried(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Response:
        await self._on_the_wire()
        if self._fate.random() < self.failing:
            return _response(self._fate.choice((500, 502, 503)), _UNAVAILABLE)
        if self._fate.random() < self.throttling:
            return _response(400, _THROTTLED)
        heard, response = self._answered(method, target, {**headers, "Host": self.host}, body)
        self.carried_out(heard)
        if self._fate.random() < self.losing:
            raise ConnectionResetError
        await self._on_the_wire()
        self.got_through(heard)
        return response

    async def _on_the_wire(self) -> None:
        if self.is_away and not self.is_silent:
            raise ConnectionRefusedError
        await asyncio.sleep(self._fate.uniform(0.001, self.slowest))
        if self.is_away:
            await asyncio.Event().wait()

    def _answered(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> tuple[Heard, Response]:
        self._now()
        request = Request(method, target, "", {name.lower(): value for name, value in headers.items()}, body)
        told = finished(self._plane.front.answer(request, ENDPOINT, "10.0.0.7"))
        heard = Heard(
            operation=request.headers["x-amz-target"].partition(".")[2],
            request=json.loads(body),
            signed_by=claim_of(request).access_key_id,
            status=told.status,
            answer=json.loads(told.body or b"{}"),
        )
        return heard, Response(status=told.status, headers=told.headers, body=told.body)

    def _as_root(self, operation: str, **request: Any) -> None:
        body = json.dumps(request).encode()
        signer = Signer(
            credentials=Credentials(access_key_id=ROOT, secret_access_key=""), region=REGION, service="logs"
        )
        extra = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"Logs_20140328.{operation}"}
        headers = {**signer.headers("POST", self.host, "/", body=body, extra=extra), "Host": self.host}
        asked = Request("POST", "/", "", {name.lower(): value for name, value in headers.items()}, body)
        told = finished(self._plane.front.answer(asked, ENDPOINT, "127.0.0.1"))
        assert told.status == 200, told.body

    def _now(self) -> Any:
        self._plane.clock.time = BEGINNING + timedelta(seconds=asyncio.get_running_loop().time())
        return self._plane.clock.time


def _response(status: int, body: Mapping[str, str]) -> Response:
    return Response(status=status, body=json.dumps(body).encode())
