"""Container instances: hosts that joined a cluster."""

from datetime import datetime
from enum import StrEnum

from podium.ecs.records.living import Living
from podium.store.records import part, record

ADDRESS_ATTRIBUTE = "podium.host-address"
"""By which an agent says where the ports of its host's tasks are reached."""

VCPUS_ATTRIBUTE = "podium.host-vcpus"
"""By which an agent says how many its machine has, whatever of them it promises."""

GROUP_ATTRIBUTE = "podium.auto-scaling-group"
"""By which an agent says what Auto Scaling group its host belongs to."""


class InstanceStatus(StrEnum):
    ACTIVE = "ACTIVE"
    DRAINING = "DRAINING"
    INACTIVE = "INACTIVE"


@part
class InstanceCheck:
    """What an agent found when it looked at its host: `type` and `status` in the API's words."""

    type: str
    status: str
    updated_at: datetime | None = None
    changed_at: datetime | None = None


@record(table="ecs_container_instances", indexes=("cluster_arn", "home", "status"), totals={"cluster_arn": Living})
class ContainerInstance:
    """A host as ECS sees it.

    `cpu` is in CPU units (1,024 to a vCPU), `memory_mib` in MiB; `ports` and `ports_udp` are
    those in use by others than tasks, `gpus` the ids of its GPUs. Registration writes what the
    host is; the agent channel writes `agent_connected`; `status` belongs to the operations.
    `follows_clusters` says that
    the host joined by following every cluster of this control plane, so that it leaves with the
    cluster and does not hold up its deletion. `registered_by` is the principal that the instance
    answers to, `claim` the SHA-256 of a secret that its agent alone knows and trades for credentials;
    those issued until `revoked_at` no longer count. `client_token` names its latest registration, and
    `checks` are the agent's own, from the telemetry channel. `version` is the event's
    that told of it last: the outbox sets it, where events are kept.

    `disconnected_at` is when the agent went away, if it has. `lost_at` is when the tasks of a host that stayed
    away were declared lost; it ends when the host is back and what was left of them has stopped. `given_up_at` is
    when that was last, be the host back or not. `is_off` is the operator's word that the machine runs nothing; it ends
    when the agent is back.
    """

    arn: str
    home: str
    cluster_arn: str
    status: InstanceStatus = InstanceStatus.ACTIVE
    ec2_instance_id: str = ""
    cpu: int
    memory_mib: int
    ports: tuple[int, ...] = ()
    ports_udp: tuple[int, ...] = ()
    gpus: tuple[str, ...] = ()
    attributes: dict[str, str | None] = {}
    custom_attributes: dict[str, str | None] = {}
    agent_connected: bool = False
    disconnected_at: datetime | None = None
    lost_at: datetime | None = None
    given_up_at: datetime | None = None
    is_off: bool = False
    agent_hash: str = ""
    agent_version: str = ""
    docker_version: str = ""
    follows_clusters: bool = False
    client_token: str = ""
    registered_by: str = ""
    claim: str = ""
    revoked_at: datetime | None = None
    checks: tuple[InstanceCheck, ...] = ()
    tags: dict[str, str] = {}
    registered_at: datetime
    version: int = 1

    @property
    def group_name(self) -> str | None:
        """The Auto Scaling group that its agent, or an operator, says it is of."""
        return self.attributes.get(GROUP_ATTRIBUTE) or self.custom_attributes.get(GROUP_ATTRIBUTE)

    @property
    def address(self) -> str:
        """Where the ports of its tasks are reached, from its own machine at least."""
        return self.attributes.get(ADDRESS_ATTRIBUTE) or "127.0.0.1"

    @property
    def takes_tasks(self) -> bool:
        """Whether its agent is there, and no lost task's containers are in a new one's way."""
        return self.agent_connected and self.lost_at is None
