"""Task definitions as DescribeTaskDefinition shows them."""

from typing import Any

from podium.ecs.records import TaskDefinition
from podium.ecs.views.shown import present


def task_definition(record: TaskDefinition) -> dict[str, Any]:
    return {
        "taskDefinitionArn": record.arn,
        **record.document,
        **present(
            revision=record.revision,
            status=record.status.value,
            registeredAt=record.registered_at,
            registeredBy=record.registered_by,
            deregisteredAt=record.deregistered_at,
            deleteRequestedAt=record.delete_requested_at,
        ),
    }
