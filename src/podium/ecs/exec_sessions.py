"""ECS Exec without its bytes: who may have a session in which container, and what its token is good for.

A token opens one data channel, once, within a minute, for the session and the caller that it was given to. It is
nowhere on record: only a digest of it is. Sessions that are resumed get another.
"""

import hashlib
import hmac
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from podium.ecs import names
from podium.ecs.errors import Client, InvalidParameter, TargetNotConnected
from podium.ecs.records import Container, ContainerInstance, ExecSession, Task, TaskStatus
from podium.kernel.call import Call
from podium.kernel.ids import Ids
from podium.kernel.sealing import Sealer
from podium.store.records import replace
from podium.store.session import Transaction
from podium_protocol.sessions import websocket_origin

TOKEN_LIFE = timedelta(seconds=60)
MOST_IN_A_CONTAINER = 2
MANAGED_AGENT = "ExecuteCommandAgent"
ATTRIBUTE = "podium.sessions"
"""The attribute of an instance whose agent dials in for sessions, as Podium's does."""

NOT_ENABLED = (
    "The execute command failed because execute command was not enabled when the task was run or the execute command "
    "agent isn’t running. Wait and try again or run a new task with execute command enabled and try again."
)


class TokenRefused(Exception):
    """A data channel that may not be opened. The sentence never holds the token."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """The container that a session is to be in, with its task and the instance that it runs on."""

    task: Task
    container: Container
    container_instance_arn: str


def target(call: Call, tx: Transaction, request: Mapping[str, Any]) -> Target:
    """What `cluster`, `task` and `container` of the request mean. Raises ExecuteCommand's own refusals."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    task = names.find_task(call, tx, cluster, request["task"])
    if task is None:
        raise InvalidParameter("The referenced task was not found.")
    container = _container(task, request.get("container"))
    if not (task.enable_execute_command and task.last_status is TaskStatus.RUNNING and _listens(container)):
        raise InvalidParameter(NOT_ENABLED)
    instance = tx.get(ContainerInstance, task.container_instance_arn or "")
    if instance is None or not instance.agent_connected or ATTRIBUTE not in instance.attributes:
        raise TargetNotConnected
    return Target(task=task, container=container, container_instance_arn=instance.arn)


def words(command: str) -> list[str]:
    """A command line as the words that are run, without a shell. Raises InvalidParameter."""
    try:
        found = shlex.split(command)
    except ValueError as error:
        raise InvalidParameter(f"The command cannot be read: {error}.") from error
    if not found:
        raise InvalidParameter("The command is empty.")
    return found


def granted(call: Call, found: Target, command: str, *, terminal: bool = True, port: int | None = None) -> ExecSession:
    """A session that has no token and is not on record yet."""
    identity = f"ecs-execute-command-{call.ids.hex32()[:17]}"
    return ExecSession(
        arn=call.arn("ssm", f"session/{identity}"),
        id=identity,
        home=call.home,
        cluster_arn=found.task.cluster_arn,
        task_arn=found.task.arn,
        container_name=found.container.name,
        container_instance_arn=found.container_instance_arn,
        command=command,
        terminal=terminal,
        port=port,
        principal=call.principal,
        source_ip=call.source_ip,
        user_agent=call.user_agent,
        endpoint=call.endpoint,
        token_expires_at=call.now,
        created_at=call.now,
    )


def opened(tx: Transaction, session: ExecSession, ids: Ids, now: datetime) -> dict[str, str]:
    """Put the session on record with a new token; the API's `session`. Any token before it is good for nothing."""
    token = ids.hex32() + ids.hex32()
    tx.put(replace(session, token_digest=_digest(session, token), token_expires_at=now + TOKEN_LIFE))
    return {"sessionId": session.id, "streamUrl": stream_url(session), "tokenValue": token}


def stream_url(session: ExecSession) -> str:
    return f"{websocket_origin(session.endpoint)}/v1/data-channel/{session.id}?role=publish_subscribe"


def attached(tx: Transaction, session_id: str, token: str, now: datetime) -> ExecSession:
    """The session whose channel the token opens, now. Raises TokenRefused.

    Raises Client when others have come first and the container has as many sessions as it may.
    """
    session = next(iter(tx.list(ExecSession, id=session_id)), None)
    if session is None:
        raise TokenRefused("there is no such session")
    if not hmac.compare_digest(session.token_digest, _digest(session, token)):
        raise TokenRefused("the token is not the session's, or was used before")
    if now >= session.token_expires_at:
        raise TokenRefused("the token has expired")
    if session.attached_at is None:
        has_room(tx, session.task_arn, session.container_name)
    return tx.put(replace(session, token_digest="", attached_at=session.attached_at or now))


def resume(call: Call, tx: Transaction, session_id: str) -> dict[str, str] | None:
    """What ResumeSession answers, by the API's names, to the caller that was granted the session.

    None when there is nothing to resume: it is over, or another's.
    """
    session = _own(call, tx, session_id)
    if session is None or session.attached_at is None:
        return None
    told = opened(tx, session, call.ids, call.now)
    return {"SessionId": told["sessionId"], "TokenValue": told["tokenValue"], "StreamUrl": told["streamUrl"]}


def terminate(call: Call, tx: Transaction, session_id: str) -> bool:
    """End the caller's session, as TerminateSession does; False when there is none. Its channel closes at once."""
    session = _own(call, tx, session_id)
    if session is not None:
        tx.delete(session)
    return session is not None


def ended(tx: Transaction, arn: str) -> None:
    session = tx.get(ExecSession, arn)
    if session is not None:
        tx.delete(session)


def all_ended(tx: Transaction) -> None:
    """No session outlives the server that carried it."""
    for session in tx.list(ExecSession):
        tx.delete(session)


def call_again(session: ExecSession, now: datetime, ids: Ids, sealer: Sealer) -> Call:
    """The call that asked for the session, as if it were made now."""
    _, region, account = session.home.split(":")
    return Call(
        account=account,
        region=region,
        principal=session.principal,
        now=now,
        ids=ids,
        sealer=sealer,
        endpoint=session.endpoint,
        source_ip=session.source_ip,
        user_agent=session.user_agent,
    )


def request_again(session: ExecSession) -> dict[str, Any]:
    return {
        "cluster": session.cluster_arn,
        "task": session.task_arn,
        "container": session.container_name,
        "command": session.command,
        "interactive": True,
    }


def _own(call: Call, tx: Transaction, session_id: str) -> ExecSession | None:
    """A session is found by who was granted it; root finds every one of its account."""
    session = next(iter(tx.list(ExecSession, id=session_id)), None)
    if session is None or session.home != call.home:
        return None
    return session if call.principal.is_root or session.principal.arn == call.principal.arn else None


def _digest(session: ExecSession, token: str) -> str:
    return hashlib.sha256(f"{session.arn}\n{session.principal.arn}\n{token}".encode()).hexdigest()


def has_room(tx: Transaction, task_arn: str, container: str) -> None:
    """Raises Client when the container has as many open sessions of plugins as it may."""
    held = tx.list(ExecSession, task_arn=task_arn)
    if sum(s.container_name == container and s.attached_at is not None for s in held) >= MOST_IN_A_CONTAINER:
        raise Client(
            f"The container {container} has {MOST_IN_A_CONTAINER} sessions already, which is the limit. "
            "End one of them and try again."
        )


def _listens(container: Container) -> bool:
    listening = any(a["name"] == MANAGED_AGENT and a["lastStatus"] == "RUNNING" for a in container.managed_agents)
    return listening and container.last_status == "RUNNING"


def _container(task: Task, name: str | None) -> Container:
    """A task of one container needs no name for it."""
    if name is None:
        if len(task.containers) > 1:
            raise InvalidParameter(
                "A container name must be specified because the task has more than one container. "
                "Specify a container name and try again."
            )
        return task.containers[0]
    for container in task.containers:
        if container.name == name:
            return container
    raise InvalidParameter(f"The container {name} was not found in the task. Specify a valid container and try again.")
