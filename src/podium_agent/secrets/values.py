"""Fetching the values: Parameter Store in batches, Secrets Manager one by one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podium_agent.execution_role import ExecutionRole, NotHad
from podium_agent.secrets import references
from podium_agent.secrets.references import NoValue
from podium_protocol.payload import Secret, Task

_LARGEST_BATCH = 10
FAILED = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "


@dataclass(frozen=True, kw_only=True)
class _Operation:
    service: str
    prefix: str
    name: str


_PARAMETER_STORE = _Operation(service="ssm", prefix="AmazonSSM", name="GetParameters")
_SECRETS_MANAGER = _Operation(service="secretsmanager", prefix="secretsmanager", name="GetSecretValue")


class SecretError(Exception):
    """The sentence is the reason why the task cannot start, in Fargate's words."""


Values = Sequence[tuple[Secret, str]]


async def fetched(role: ExecutionRole, task: Task, secrets: Sequence[Secret]) -> Values:
    """Each secret with its value. Raises SecretError."""
    names = list(dict.fromkeys(s["valueFrom"] for s in secrets if s.get("provider") != "asm"))
    found: dict[str, str] = {}
    for first in range(0, len(names), _LARGEST_BATCH):
        found |= await _parameters(role, task, names[first : first + _LARGEST_BATCH])
    for value_from in dict.fromkeys(s["valueFrom"] for s in secrets if s.get("provider") == "asm"):
        found[value_from] = await _secret(role, task, value_from)
    return [(s, found[s["valueFrom"]]) for s in secrets]


async def _parameters(role: ExecutionRole, task: Task, names: list[str]) -> dict[str, str]:
    failed = f"{FAILED}unable to retrieve secrets from ssm: "
    answer = await _call(role, task, _PARAMETER_STORE, {"Names": names, "WithDecryption": True}, failed)
    told = answer.get("Parameters") or ()
    found = {called: str(p["Value"]) for p in told for called in (p["Name"], p.get("ARN", ""))}
    if missing := [name for name in names if name not in found]:
        raise SecretError(f"{failed}invalid ssm parameters: {','.join(missing)}")
    return {name: found[name] for name in names}


async def _secret(role: ExecutionRole, task: Task, value_from: str) -> str:
    failed = f"{FAILED}unable to retrieve secret from asm: "
    try:
        reference = references.secret(value_from)
        what = f"failed to fetch secret {reference.secret_id} from secrets manager: "
        return reference.value(await _call(role, task, _SECRETS_MANAGER, reference.request, failed, what))
    except NoValue as error:
        raise SecretError(f"{failed}{error}") from error


async def _call(
    role: ExecutionRole, task: Task, asked: _Operation, request: Mapping[str, Any], failed: str, what: str = ""
) -> dict[str, Any]:
    try:
        return await role.ask(task, asked.service, lambda api: api.call(asked.name, request, prefix=asked.prefix))
    except NotHad as error:
        raise SecretError(f"{failed}service call has been retried {error.retries} time(s): {what}{error}") from error
