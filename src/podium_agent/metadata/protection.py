"""Task protection, asked for by the task itself and with the credentials of its own role.

Source: Amazon ECS Developer Guide, "Amazon ECS task scale-in protection endpoint".
"""

import json
from datetime import UTC, datetime
from typing import Any

from podium_agent.api import ApiError
from podium_agent.metadata.residents import Resident
from podium_agent.net.server import Answer

_MEMBERS = {"ProtectionEnabled", "ExpiresInMinutes"}
_SECONDS = 4.0


async def answer(resident: Resident, method: str, body: bytes) -> Answer:
    """GET tells the protection, PUT changes it."""
    arn, cluster = resident.task.arn, resident.home.place.cluster
    request: dict[str, Any] = {"cluster": cluster, "tasks": [arn]}
    operation = "GetTaskProtection"
    if method == "PUT":
        try:
            request |= _wanted(body)
        except ValueError as error:
            return refused(400, "InvalidParameterException", str(error), arn)
        operation = "UpdateTaskProtection"
    api = resident.api_as_task()
    if api is None:
        why = "Invalid Request: no task IAM role credentials available for task"
        return refused(403, "AccessDeniedException", why, arn)
    try:
        told = await api.call(operation, request, timeout=_SECONDS)
    except ApiError as error:
        return refused(error.status, error.code, str(error).partition(": ")[2], arn)
    except TimeoutError:
        return refused(504, "RequestCanceled", "Timed out calling ECS Task Protection API", arn)
    except (OSError, EOFError):
        return refused(500, "ServerException", "Podium's control plane does not answer.", arn)
    return _shown(told, arn)


def refused(status: int, code: str, message: str, arn: str = "") -> Answer:
    error = {name: value for name, value in (("Arn", arn), ("Code", code), ("Message", message)) if value}
    return Answer(status=status, body={"error": error})


def _wanted(body: bytes) -> dict[str, Any]:
    """The members of UpdateTaskProtection. Raises ValueError with the sentence to answer with."""
    try:
        given = json.loads(body)
    except ValueError as error:
        raise ValueError("UpdateTaskProtection: failed to decode request") from error
    if not isinstance(given, dict) or given.keys() - _MEMBERS:
        raise ValueError("UpdateTaskProtection: failed to decode request")
    enabled, minutes = given.get("ProtectionEnabled"), given.get("ExpiresInMinutes")
    if not isinstance(enabled, bool):
        raise ValueError("Invalid request: does not contain 'ProtectionEnabled' field")
    if minutes is not None and (not isinstance(minutes, int) or isinstance(minutes, bool)):
        raise ValueError("UpdateTaskProtection: failed to decode request")
    return {"protectionEnabled": enabled, **({} if minutes is None else {"expiresInMinutes": minutes})}


def _shown(told: dict[str, Any], arn: str) -> Answer:
    """Exactly one of the two is there."""
    failures, protected = told.get("failures") or [], told.get("protectedTasks") or []
    if len(failures) == 1:
        failure = failures[0]
        named = {"Arn": failure.get("arn"), "Reason": failure.get("reason"), "Detail": failure.get("detail")}
        return Answer(body={"failure": {name: value for name, value in named.items() if value is not None}})
    if len(protected) != 1:
        return refused(500, "ServerException", "Unexpected error occurred", arn)
    task = protected[0]
    shown = {"ProtectionEnabled": task["protectionEnabled"], "TaskArn": task["taskArn"]}
    if task.get("expirationDate") is not None:
        shown["ExpirationDate"] = datetime.fromtimestamp(task["expirationDate"], UTC).isoformat(timespec="milliseconds")
        shown["ExpirationDate"] = shown["ExpirationDate"].replace("+00:00", "Z")
    return Answer(body={"protection": shown})
