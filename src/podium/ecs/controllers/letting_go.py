"""Whom a service lets go first, asked of the records that its strategies speak of."""

from collections.abc import Callable
from functools import cache

from podium.ecs.records import ContainerInstance, Held, Service, Task, TaskSet
from podium.ecs.scheduling import orders, scaling_in
from podium.store.session import Transaction


def order(tx: Transaction, service: Service, workload: Service | TaskSet, desired: int) -> scaling_in.Order:
    """Of the tasks of the service, or of one of its task sets, when `desired` are to stay."""
    return orders.order(
        service.placement_strategy,
        workload.capacity_provider_strategy,
        desired,
        workload.runs_on == "FARGATE",
        _instances(tx),
    )


def _instances(tx: Transaction) -> orders.Instances:
    """Nothing is read before somebody asks: most passes let nobody go."""

    @cache
    def instance(arn: str | None) -> ContainerInstance | None:
        return tx.get(ContainerInstance, arn or "")

    @cache
    def totals() -> Callable[[str], Held]:
        return tx.totals(Task, "container_instance_arn")

    def attribute(arn: str | None, name: str) -> str | None:
        found = instance(arn)
        return {**found.attributes, **found.custom_attributes}.get(name) if found else None

    def free(arn: str | None, resource: str) -> int:
        found = instance(arn)
        if found is None:
            return 0
        taken = totals()(found.arn)
        return found.cpu - taken.cpu if resource == "cpu" else found.memory_mib - taken.memory_mib

    return orders.Instances(attribute, free)
