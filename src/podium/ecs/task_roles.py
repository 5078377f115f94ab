"""The roles of a task: which they are, whether ECS may assume them, and the session that a task gets.

Source: Amazon ECS Developer Guide, "Amazon ECS task IAM role" and "Amazon ECS task execution IAM role".
"""

from collections.abc import Mapping
from typing import Any

from podium import iam
from podium.ecs.errors import Client
from podium.ecs.names import task_id
from podium.ecs.records import TaskDefinition
from podium.ecs.scheduling.launching import ROLES
from podium.iam.records import Role
from podium.kernel.principal import Principal, PrincipalKind
from podium.store.session import Transaction

SERVICE = "ecs-tasks.amazonaws.com"


class RoleNotAssumable(Client):
    def __init__(self, arn: str) -> None:
        super().__init__(
            f"ECS was unable to assume the role '{arn}' that was provided for this task. Please verify that the role "
            "being passed has the proper trust relationship and permissions and that your IAM user has permissions "
            "to pass this role."
        )


def named(definition: TaskDefinition, overrides: Mapping[str, Any]) -> dict[str, str]:
    """The ARNs of the task's roles, by what the agent channel calls them. An override takes a role's place."""
    given = {kind: overrides.get(member) or definition.document.get(member) for kind, member in ROLES.items()}
    partition, _, account = definition.home.split(":")
    return {
        kind: role if role.startswith("arn:") else f"arn:{partition}:iam::{account}:role/{role}"
        for kind, role in given.items()
        if role
    }


def assumable(tx: Transaction, arn: str, source_arn: str) -> Role | None:
    """The role, if ECS may assume it for a task: it is of the task's account, and trusts ECS's tasks.

    `source_arn` is the task's ARN, or as much of it as is known before there is a task.
    """
    _, partition, _, _, account, _ = source_arn.split(":", 5)
    role = iam.find_role(tx, arn)
    if role is None or role.home != f"{partition}::{account}":
        return None
    asked_for = {"aws:SourceArn": source_arn, "aws:SourceAccount": account}
    return role if iam.trusts_service(role, SERVICE, asked_for) else None


def check(tx: Transaction, definition: TaskDefinition, overrides: Mapping[str, Any], cluster_arn: str) -> None:
    """Raises RoleNotAssumable for the first role of the task to start that ECS may not assume."""
    source_arn = cluster_arn.replace(":cluster/", ":task/", 1)
    for arn in named(definition, overrides).values():
        if assumable(tx, arn, source_arn) is None:
            raise RoleNotAssumable(arn)


def session(role: Role, task_arn: str) -> Principal:
    """Whom a task is while it acts as the role: the session is named by the task's id, as on AWS."""
    partition, _, account = role.home.split(":")
    name = task_id(task_arn)
    return Principal(
        kind=PrincipalKind.ROLE,
        arn=f"arn:{partition}:sts::{account}:assumed-role/{role.name}/{name}",
        account=account,
        user_id=f"{role.id}:{name}",
        issuer_arn=role.arn,
        session_name=name,
        tags=tuple(role.tags.items()),
    )
