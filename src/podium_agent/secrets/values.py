"""Fetching the values: Parameter Store in batches, Secrets Manager one by one, as the task's execution role."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from podium_agent.api import Api, ApiError
from podium_agent.net.backoff import delays
from podium_agent.role_credentials import EXECUTION_ROLE, RoleCredentials
from podium_agent.secrets import references
from podium_agent.secrets.references import NoValue
from podium_protocol.payload import Secret, Task

_LARGEST_BATCH = 10
_PATIENCE_SECONDS = 60.0
_FIRST_DELAY_SECONDS, _LAST_DELAY_SECONDS = 0.2, 5.0
_TRIES_OF_WHAT_IS_REFUSED = 2
_FAILED = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: "


@dataclass(frozen=True, kw_only=True)
class _Operation:
    service: str
    prefix: str
    name: str


_PARAMETER_STORE = _Operation(service="ssm", prefix="AmazonSSM", name="GetParameters")
_SECRETS_MANAGER = _Operation(service="secretsmanager", prefix="secretsmanager", name="GetSecretValue")


class SecretError(Exception):
    """The sentence is the reason why the task cannot start, in Fargate's words."""


class SecretValues:
    """`api` reaches the control plane; `roles` has the execution roles' credentials as they arrive."""

    def __init__(self, api: Api, roles: RoleCredentials, region: str) -> None:
        self._api, self._roles, self._region = api, roles, region

    async def into(self, task: Task, secrets: Sequence[Secret], body: Mapping[str, Any]) -> dict[str, Any]:
        """Docker's `body` with every secret where it belongs. Raises SecretError."""
        values = await self._fetched(task, secrets)
        of_driver = {s["name"]: v for s, v in zip(secrets, values, strict=True) if s.get("target") == "LOG_DRIVER"}
        of_container = [
            f"{s['name']}={v}" for s, v in zip(secrets, values, strict=True) if s.get("target") != "LOG_DRIVER"
        ]
        filled = {**body, "Env": [*body.get("Env", ()), *of_container]}
        if of_driver:
            host = body["HostConfig"]
            log = host.get("LogConfig") or {}
            config = {**(log.get("Config") or {}), **of_driver}
            filled["HostConfig"] = {**host, "LogConfig": {**log, "Config": config}}
        return filled

    async def _fetched(self, task: Task, secrets: Sequence[Secret]) -> list[str]:
        """The values, in the order of `secrets`."""
        names = list(dict.fromkeys(s["valueFrom"] for s in secrets if s.get("provider") != "asm"))
        found: dict[str, str] = {}
        for first in range(0, len(names), _LARGEST_BATCH):
            found |= await self._parameters(task, names[first : first + _LARGEST_BATCH])
        for value_from in dict.fromkeys(s["valueFrom"] for s in secrets if s.get("provider") == "asm"):
            found[value_from] = await self._secret(task, value_from)
        return [found[s["valueFrom"]] for s in secrets]

    async def _parameters(self, task: Task, names: list[str]) -> dict[str, str]:
        failed = f"{_FAILED}unable to retrieve secrets from ssm: "
        request = {"Names": names, "WithDecryption": True}
        answer = await self._call(task, _PARAMETER_STORE, request, failed)
        told = answer.get("Parameters") or ()
        found = {called: str(p["Value"]) for p in told for called in (p["Name"], p.get("ARN", ""))}
        if missing := [name for name in names if name not in found]:
            raise SecretError(f"{failed}invalid ssm parameters: {','.join(missing)}")
        return {name: found[name] for name in names}

    async def _secret(self, task: Task, value_from: str) -> str:
        failed = f"{_FAILED}unable to retrieve secret from asm: "
        try:
            reference = references.secret(value_from)
            what = f"failed to fetch secret {reference.secret_id} from secrets manager: "
            return reference.value(await self._call(task, _SECRETS_MANAGER, reference.request, failed, what))
        except NoValue as error:
            raise SecretError(f"{failed}{error}") from error

    async def _call(
        self, task: Task, asked: _Operation, request: Mapping[str, Any], failed: str, what: str = ""
    ) -> dict[str, Any]:
        """What is refused is asked once more; who is not reached, for a minute. Raises SecretError."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _PATIENCE_SECONDS
        reason, refusals = "", 0
        for tries, delay in enumerate(delays(_FIRST_DELAY_SECONDS, _LAST_DELAY_SECONDS, factor=2.0), start=1):
            try:
                return await self._as_role(task, asked.service).call(asked.name, request, prefix=asked.prefix)
            except ApiError as error:
                reason, refusals = str(error), refusals + 1
            except _NoCredentials as error:
                reason = str(error)
            except (OSError, EOFError) as error:
                reason = f"the control plane is not reached: {error or 'no answer'}"
            if refusals == _TRIES_OF_WHAT_IS_REFUSED or loop.time() + delay > end:
                raise SecretError(f"{failed}service call has been retried {tries - 1} time(s): {what}{reason}")
            await asyncio.sleep(delay)
        raise AssertionError("delays never end")

    def _as_role(self, task: Task, service: str) -> Api:
        """Raises _NoCredentials while the control plane has not sent any: it may yet."""
        named: Mapping[str, Any] = task.get(EXECUTION_ROLE) or {}  # type: ignore[assignment]
        signer = self._roles.signer(task["arn"], named.get("credentialsId", ""), self._region, service)
        if signer is None:
            raise _NoCredentials("no credentials of the task's execution role have arrived")
        return self._api.signed_by(signer)


class _NoCredentials(Exception):
    pass
