"""A request under scrutiny, and the ARNs that it means. Nothing is checked here, and nothing refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from podium.ecs.records import DaemonTaskDefinition, TaskDefinition, TaskDefinitionStatus
from podium.kernel.call import Call
from podium.store.session import Transaction

LONGEST_NUMBER = 4000  # digits that Python reads as a number


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
        """A service, task or instance of the cluster, from a name, an id, or an ARN old or new.

        An old ARN names no cluster: it is read as an id, of the caller's own account and region.
        """
        path = value.partition("/")[2] if value.startswith("arn:") else value
        if value.startswith("arn:") and "/" in path:
            return value
        return self.arn(f"{kind}/{self.cluster_name}/{path}")

    def task_definition(self, value: str) -> str:
        """A family alone means its newest ACTIVE revision."""
        family, revision = _family_and_revision(value)
        if not revision:
            known = self.tx.list(TaskDefinition, family_arn=self.arn(f"task-definition-family/{family}"))
            revision = _newest(d.revision for d in known if d.status is TaskDefinitionStatus.ACTIVE)
        return self.arn(f"task-definition/{family}{revision}")

    def daemon_task_definition(self, value: str) -> str:
        """As a task definition is named."""
        family, revision = _family_and_revision(value)
        if not revision:
            known = self.tx.list(DaemonTaskDefinition, home=self.call.home)
            revision = _newest(d.revision for d in known if d.family == family and d.status == "ACTIVE")
        return self.arn(f"daemon-task-definition/{family}{revision}")

    def named(self, kind: str, value: str) -> str:
        """A resource of the region, such as a capacity provider, from its name or its ARN."""
        return value if value.startswith("arn:") else self.arn(f"{kind}/{value}")


def _family_and_revision(value: str) -> tuple[str, str]:
    """The revision comes with its colon, and without the zeros that may be written before it; empty when not said."""
    name = value.rpartition("/")[2] if value.startswith("arn:") else value
    family, colon, revision = name.partition(":")
    whole = revision.isdecimal() and len(revision) < LONGEST_NUMBER
    return family, f"{colon}{int(revision) if whole else revision}"


def _newest(revisions: Iterable[int]) -> str:
    newest = max(revisions, default=None)
    return "" if newest is None else f":{newest}"
