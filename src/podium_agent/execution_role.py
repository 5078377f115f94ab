"""Asking AWS's services for what a task needs before it starts, as the task's execution role."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from podium_agent.api import Api, ApiError
from podium_agent.net.backoff import delays
from podium_agent.role_credentials import EXECUTION_ROLE, RoleCredentials, credentials_id
from podium_protocol.payload import Task

T = TypeVar("T")
_PATIENCE_SECONDS = 60.0
_FIRST_DELAY_SECONDS, _LAST_DELAY_SECONDS = 0.2, 5.0
_TRIES_OF_WHAT_IS_REFUSED = 2


class NotHad(Exception):
    """The sentence is what was answered last; `retries` is how often it was asked again."""

    def __init__(self, sentence: str, retries: int) -> None:
        super().__init__(sentence)
        self.retries = retries


class ExecutionRole:
    """`api` reaches the control plane; `roles` has the execution roles' credentials as they arrive."""

    def __init__(self, api: Api, roles: RoleCredentials, region: str) -> None:
        self._api, self._roles, self._region = api, roles, region

    async def ask(self, task: Task, service: str, question: Callable[[Api], Awaitable[T]]) -> T:
        """What is refused is asked once more; who is not reached, for a minute. Raises NotHad."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _PATIENCE_SECONDS
        reason, refusals = "", 0
        for tries, delay in enumerate(delays(_FIRST_DELAY_SECONDS, _LAST_DELAY_SECONDS, factor=2.0)):
            try:
                return await question(self._as_role(task, service))
            except ApiError as error:
                reason, refusals = str(error), refusals + 1
            except _NoCredentials as error:
                reason = str(error)
            except (OSError, EOFError) as error:
                reason = f"the control plane is not reached: {error or 'no answer'}"
            if refusals == _TRIES_OF_WHAT_IS_REFUSED or loop.time() + delay > end:
                raise NotHad(reason, tries)
            await asyncio.sleep(delay)
        raise AssertionError("delays never end")

    def _as_role(self, task: Task, service: str) -> Api:
        """Raises _NoCredentials while the control plane has not sent any: it may yet."""
        signer = self._roles.signer(task["arn"], credentials_id(task, EXECUTION_ROLE), self._region, service)
        if signer is None:
            raise _NoCredentials("no credentials of the task's execution role have arrived")
        return self._api.signed_by(signer)


class _NoCredentials(Exception):
    pass
