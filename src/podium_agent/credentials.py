"""A container instance's own credential: asked for with its claim, and renewed long before it ends."""

import asyncio
import hashlib
import time
from dataclasses import replace
from secrets import token_hex
from typing import Any

from podium_agent.api import Api, ApiError
from podium_agent.net.backoff import delays
from podium_agent.state import State
from podium_program.log import Log
from podium_protocol.signing import Credentials, Signer, Signs

_PATH = "/_podium/instance-credentials"
_CLAIM = "claim"
_REFUSED = (400, 403)


def claim(state: State) -> str:
    """The secret by which the control plane knows this agent again: made once, and sent for credentials alone."""
    held = state.fact(_CLAIM)
    if held is None:
        held = token_hex(32)
        state.set_fact(_CLAIM, held)
    return held


def claim_digest(state: State) -> str:
    """What registration tells of the claim."""
    return hashlib.sha256(claim(state).encode()).hexdigest()


class InstanceCredentials:
    """Signs as the container instance. `joining` is called with the key for joining, which may do nothing else."""

    def __init__(self, joining: Api, state: State, region: str, log: Log) -> None:
        self._joining, self._state, self._region, self._log = joining, state, region, log
        self._signer: Signer | None = None
        self._renew_at = 0.0

    def headers(
        self, method: str, host: str, target: str, *, body: bytes = b"", extra: dict[str, str] | None = None
    ) -> dict[str, str]:
        assert self._signer is not None, "nothing is signed before the first credential is there"
        return self._signer.headers(method, host, target, body=body, extra=extra)

    def of_service(self, service: str) -> Signs | None:
        """Signs for another service than ECS, until the next renewal; None before the first credential is there."""
        return None if self._signer is None else replace(self._signer, service=service)

    async def obtain(self, instance_arn: str) -> None:
        """Raises ApiError when refused, OSError, EOFError or TimeoutError when not reached."""
        request = {"containerInstanceArn": instance_arn, "claim": claim(self._state)}
        answer = await self._joining.post(_PATH, request)
        self._signer = Signer(credentials=_credentials(answer), region=self._region)
        now = time.time()
        self._renew_at = now + max(1.0, (float(answer["expiration"]) - now) / 2)

    async def keep(self, instance_arn: str) -> None:
        """Renews halfway, for as long as it is not cancelled, and goes on asking when refused."""
        while True:
            await asyncio.sleep(max(0.0, self._renew_at - time.time()))
            for delay in delays(0.5, 30.0, factor=2.0):
                try:
                    await self.obtain(instance_arn)
                    break
                except ApiError as error:
                    self._log("the credential is not renewed", reason=str(error))
                    await asyncio.sleep(30.0 if error.status in _REFUSED else delay)
                except (OSError, EOFError) as error:
                    self._log("the credential could not be renewed", reason=str(error) or type(error).__name__)
                    await asyncio.sleep(delay)


def _credentials(answer: dict[str, Any]) -> Credentials:
    return Credentials(
        access_key_id=answer["accessKeyId"],
        secret_access_key=answer["secretAccessKey"],
        session_token=answer["sessionToken"],
    )
