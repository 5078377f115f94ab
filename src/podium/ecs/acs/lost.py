"""A container instance whose record is lost while its agent runs on.

The open-source agent registers when it starts, and never again while it lives: told that it is unknown it
would call in vain, told that it is inactive it would stay away for an hour. So it is taken up by the ARN that
it remembers. What the host has to offer is not known until its agent starts anew, so nothing is placed there
before that; what runs there is listed, reported and stopped like anything else.
"""

import re

from podium.ecs import names
from podium.ecs.records import Cluster, ContainerInstance
from podium.ecs.rules import registrations
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.principal import PrincipalKind
from podium.store.session import Transaction

_OF_A_CLUSTER = re.compile(r"([A-Za-z0-9_-]{1,255})/[0-9a-f]{32}")


def asks(call: Call, arn: str) -> tuple[Ask, ...]:
    """What the caller must be allowed to have the instance taken up; nothing when nobody may."""
    cluster = _cluster_name(call, arn)
    if cluster is None or call.principal.kind in (PrincipalKind.AGENT, PrincipalKind.INSTANCE):
        return ()  # Podium's own agent registers again by itself
    return (Ask(action="ecs:RegisterContainerInstance", resource=call.arn("ecs", f"cluster/{cluster}")),)


def taken_up(call: Call, tx: Transaction, arn: str) -> ContainerInstance | None:
    """The instance as far as it is known; None where its cluster was deleted, for it was told to leave then."""
    cluster = _joined_cluster(call, tx, _cluster_name(call, arn) or "")
    if cluster.status != "ACTIVE":
        return None
    bare = ContainerInstance(
        arn=arn,
        home=call.home,
        cluster_arn=cluster.arn,
        ec2_instance_id=registrations.host_id(arn, {}, call.principal),
        cpu=0,
        memory_mib=0,
        registered_by=registrations.registrar(call.principal),
        registered_at=call.now,
    )
    return tx.get(ContainerInstance, arn) or tx.put(registrations.registered(bare, {}, call.region, call.now))


def _joined_cluster(call: Call, tx: Transaction, name: str) -> Cluster:
    arn = names.cluster_arn(call, name)
    known = tx.get(Cluster, arn)
    return known or tx.put(Cluster(arn=arn, home=call.home, name=name, created_at=call.now))


def _cluster_name(call: Call, arn: str) -> str | None:
    """The cluster that the ARN names; None when it is not a container instance of this account and region."""
    prefix = call.arn("ecs", "container-instance/")
    found = _OF_A_CLUSTER.fullmatch(arn.removeprefix(prefix)) if arn.startswith(prefix) else None
    return found[1] if found else None
