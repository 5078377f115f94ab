"""Credentials for container instances: handed out, and taken back."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from podium.ecs import bounds
from podium.ecs.records import ContainerInstance, InstanceStatus
from podium.kernel.clock import Clock
from podium.kernel.errors import ClientError
from podium.kernel.sealing import Sealer
from podium.runtime.thread import CoreThread
from podium.server import instance_keys
from podium.server.pages.page import NotUnderstood, Page, Visit, answer, as_root, enter
from podium.store.session import Transaction
from podium.wire.message import Response


class NotYours(ClientError):
    code = "AccessDeniedException"
    status = 403

    def __init__(self, arn: str) -> None:
        super().__init__(
            f"Container instance {arn} gets no credential: it is unknown, deregistered, revoked or another's."
        )


class InstancePages:
    """An agent that registered trades its claim for credentials that serve its instance alone."""

    def __init__(self, core: CoreThread, clock: Clock, sealer: Sealer) -> None:
        self._core, self._clock, self._sealer = core, clock, sealer

    def pages(self) -> Mapping[tuple[str, str], Page]:
        return {
            ("POST", "/_podium/instance-credentials"): self._credentials,
            ("POST", "/_podium/revoke"): self._revoke,
        }

    async def _credentials(self, visit: Visit) -> Response:
        given = visit.members()
        arn, claim = str(given.get("containerInstanceArn", "")), str(given.get("claim", ""))
        await self._core.call(lambda tx: _trade(tx, visit, arn, claim))
        key = instance_keys.issued(self._sealer, arn, self._clock.now())
        return answer(
            {
                "accessKeyId": key.access_key_id,
                "secretAccessKey": key.secret,
                "sessionToken": key.token,
                "expiration": key.expires_at.timestamp(),
            }
        )

    async def _revoke(self, visit: Visit) -> Response:
        """From now on no credential of the instance counts, and its channels are closed."""
        as_root(visit, "revoke a container instance's credential")
        wanted = str(visit.members().get("containerInstance", ""))
        if not wanted:
            raise NotUnderstood("containerInstance names the container instance: its ARN or id.")
        now = self._clock.now()
        arns = await self._core.call(lambda tx: _revoke(tx, visit, wanted, now))
        return answer({"revoked": arns})


def _trade(tx: Transaction, visit: Visit, arn: str, claim: str) -> None:
    """Raises NotYours unless the caller may have a credential of the instance."""
    instance = tx.get(ContainerInstance, arn)
    if instance is None or not _knows(instance, claim) or not bounds.is_valid(instance, None):
        raise NotYours(arn)
    if not bounds.answers_to(instance, visit.principal):
        raise NotYours(arn)
    enter(tx, visit, resources=(arn,))


def _revoke(tx: Transaction, visit: Visit, wanted: str, now: datetime) -> list[str]:
    arns = revoked(tx, wanted, now)
    enter(tx, visit, resources=arns)
    return arns


def revoked(tx: Transaction, wanted: str, now: datetime) -> list[str]:
    """The instances of that ARN or id, which have no credential any more."""
    found = [
        instance
        for instance in tx.list(ContainerInstance)
        if wanted in (instance.arn, instance.arn.rpartition("/")[2]) and instance.status is not InstanceStatus.INACTIVE
    ]
    for instance in found:
        tx.put(
            replace(instance, revoked_at=now, agent_connected=False, disconnected_at=now, version=instance.version + 1)
        )
    return [instance.arn for instance in found]


def _knows(instance: ContainerInstance, claim: str) -> bool:
    digest = hashlib.sha256(claim.encode()).hexdigest()
    return bool(instance.claim) and instance.revoked_at is None and hmac.compare_digest(digest, instance.claim)
