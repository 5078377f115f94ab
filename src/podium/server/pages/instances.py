"""Container instances: credentials handed out and taken back, and machines that are off."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from podium.ecs import bounds, losses
from podium.ecs.acs import links
from podium.ecs.records import ContainerInstance, InstanceStatus
from podium.kernel.clock import Clock
from podium.kernel.errors import ClientError
from podium.kernel.sealing import Sealer
from podium.runtime.running import RunningCore
from podium.server import instance_keys
from podium.server.pages.page import NotUnderstood, Page, Visit, answer, as_root, enter
from podium.store.records import replace
from podium.store.session import Transaction
from podium.wire.message import Response


class NotYours(ClientError):
    code = "AccessDeniedException"
    status = 403

    def __init__(self, arn: str) -> None:
        super().__init__(
            f"Container instance {arn} gets no credential: it is unknown, deregistered, revoked or another's."
        )


class StillThere(ClientError):
    code = "InvalidParameterException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"The agent of container instance {arn} is connected, so its machine is not off.")


class InstancePages:
    """An agent that registered trades its claim for credentials that serve its instance alone."""

    def __init__(self, core: RunningCore, clock: Clock, sealer: Sealer) -> None:
        self._core, self._clock, self._sealer = core, clock, sealer

    def pages(self) -> Mapping[tuple[str, str], Page]:
        return {
            ("POST", "/_podium/instance-credentials"): self._credentials,
            ("POST", "/_podium/revoke"): self._revoke,
            ("POST", "/_podium/release"): self._release,
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
        wanted, now = _wanted(visit), self._clock.now()
        arns = await self._core.call(lambda tx: _revoke(tx, visit, wanted, now))
        return answer({"revoked": arns})

    async def _release(self, visit: Visit) -> Response:
        """The machine is off, the operator says: whatever waited for it may start elsewhere."""
        as_root(visit, "release a container instance")
        wanted, now = _wanted(visit), self._clock.now()
        arns, tasks = await self._core.call(lambda tx: _release(tx, visit, wanted, now))
        return answer({"released": arns, "tasks": tasks})


def _wanted(visit: Visit) -> str:
    wanted = str(visit.members().get("containerInstance", ""))
    if not wanted:
        raise NotUnderstood("containerInstance names the container instance: its ARN or id.")
    return wanted


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
    found = [i for i in _named(tx, wanted) if i.status is not InstanceStatus.INACTIVE]
    for instance in found:
        links.disconnected(tx, instance.arn, now)
        away = tx.get(ContainerInstance, instance.arn) or instance
        tx.put(replace(away, revoked_at=now, version=away.version + 1))
    return [instance.arn for instance in found]


def _release(tx: Transaction, visit: Visit, wanted: str, now: datetime) -> tuple[list[str], int]:
    arns, tasks = released(tx, wanted, now)
    enter(tx, visit, resources=arns)
    return arns, tasks


def released(tx: Transaction, wanted: str, now: datetime) -> tuple[list[str], int]:
    """The instances of that ARN or id, on which nothing runs any more, and of how many tasks that was news.

    Also one that left with its cluster: what was left on it may still hold addresses. Raises StillThere when an agent
    says otherwise by being connected.
    """
    found, tasks = _named(tx, wanted), 0
    for instance in found:
        if instance.agent_connected:
            raise StillThere(instance.arn)
        tasks += len(losses.is_off(tx, instance, now))
        tx.put(replace(instance, is_off=True, lost_at=now, version=instance.version + 1))
    return [instance.arn for instance in found], tasks


def _named(tx: Transaction, wanted: str) -> list[ContainerInstance]:
    return [i for i in tx.list(ContainerInstance) if wanted in (i.arn, i.arn.rpartition("/")[2])]


def _knows(instance: ContainerInstance, claim: str) -> bool:
    digest = hashlib.sha256(claim.encode()).hexdigest()
    return bool(instance.claim) and instance.revoked_at is None and hmac.compare_digest(digest, instance.claim)
