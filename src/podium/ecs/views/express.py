"""Express services as DescribeExpressGatewayService shows them."""

from collections.abc import Collection
from typing import Any

from podium.ecs.records import ExpressService, Service, ServiceRevision, ServiceStatus
from podium.ecs.rules import express, tags
from podium.ecs.views.shown import present
from podium.store.session import Transaction


def service(tx: Transaction, record: ExpressService, holder: Service, include: Collection[str] = ()) -> dict[str, Any]:
    current = holder.deployments[0].service_deployment_arn if holder.deployments else None
    return present(
        **_head(record, holder),
        infrastructureRoleArn=record.infrastructure_role_arn,
        currentDeployment=current,
        activeConfigurations=[configuration(tx, record, holder)],
        tags=tags.shown(holder.tags) if "TAGS" in include else None,
    )


def updated(tx: Transaction, record: ExpressService, holder: Service) -> dict[str, Any]:
    return {**_head(record, holder), "targetConfiguration": configuration(tx, record, holder)}


def _head(record: ExpressService, holder: Service) -> dict[str, Any]:
    status = {"statusCode": holder.status.value}
    if holder.status is ServiceStatus.ACTIVE:
        status["statusReason"] = express.MISSING
    return {
        "cluster": holder.cluster_arn,
        "serviceName": holder.name,
        "serviceArn": holder.arn,
        "status": status,
        "createdAt": record.created_at,
        "updatedAt": record.updated_at,
    }


def configuration(tx: Transaction, record: ExpressService, holder: Service) -> dict[str, Any]:
    """Nothing leads into the service: there are no ingress paths."""
    revision = tx.get(ServiceRevision, holder.deployments[0].revision_arn) if holder.deployments else None
    shown = {**record.configuration, "taskDefinitionArn": holder.task_definition_arn, "ingressPaths": []}
    if revision is not None:
        shown |= {"serviceRevisionArn": revision.arn, "createdAt": revision.created_at}
    return shown
