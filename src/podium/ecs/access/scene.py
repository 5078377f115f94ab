"""A request under scrutiny, and the ARNs that it means. Nothing is checked here, and nothing refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from podium.ecs.records import TaskDefinition, TaskDefinitionStatus
from podium.kernel.call import Call
from podium.store.session import Transaction


@dataclass
class Scene:
    """What is asked, by whom, beside what. A name that cannot be right becomes an ARN that nothing has."""

    call: Call
    tx: Transaction
    operation: str
    request: Mapping[str, Any]

    def arn(self, resource: str) -> str:
        return self.call.arn("ecs", resource)

    @cached_property
    def cluster(self) -> str:
        """The cluster that the request means, by whatever member says so; `default` when none does."""
        given = self.request.get("cluster") or self.request.get("clusterArn") or self.request.get("clusterName")
        return self.cluster_called(given or "default")

    def cluster_called(self, value: str) -> str:
        return value if value.startswith("arn:") else self.arn(f"cluster/{value}")

    @cached_property
    def cluster_name(self) -> str:
        return self.cluster.rpartition("/")[2]

    def member(self, kind: str, value: str) -> str:
        """A service, task or instance of the cluster, from a name, an id, or an ARN old or new."""
        if not value.startswith("arn:"):
            return self.arn(f"{kind}/{self.cluster_name}/{value}")
        opening, slash, rest = value.partition("/")
        return value if "/" in rest else f"{opening}{slash}{self.cluster_name}/{rest}"

    def task_definition(self, value: str) -> str:
        """A family alone means its newest ACTIVE revision."""
        name = value.rpartition("/")[2] if value.startswith("arn:") else value
        family, colon, revision = name.partition(":")
        if colon:
            return self.arn(f"task-definition/{family}:{revision}")
        known = self.tx.list(TaskDefinition, family_arn=self.arn(f"task-definition-family/{family}"))
        active = [d.revision for d in known if d.status is TaskDefinitionStatus.ACTIVE]
        return self.arn(f"task-definition/{family}:{max(active)}" if active else f"task-definition/{family}")

    def named(self, kind: str, value: str) -> str:
        """A resource of the region, such as a capacity provider, from its name or its ARN."""
        return value if value.startswith("arn:") else self.arn(f"{kind}/{value}")
