"""What somebody asked for and Podium does not have yet, in a sentence each.

Such a request is kept and shown like any other. What it starts waits, and says why.
"""

from collections.abc import Callable

from podium.ecs.records import Service, TaskSet

CAPACITY = {
    "MANAGED_INSTANCES": "Podium has no Managed Instances capacity yet: use launch type EC2.",
}
NO_FARGATE = "Capacity is unavailable at this time. Please try again later or in a different availability zone"
EMPTY_PROVIDER = (
    "Podium starts no instances for capacity providers yet, and no instance of capacity provider {} has room: "
    "register an instance whose attribute podium.auto-scaling-group names its Auto Scaling group."
)
FULL_FARGATE = (
    "No host that serves Fargate has room for capacity provider {}: start `podium agent --fargate` on another."
)
Test = Callable[[Service | TaskSet], object]

OF_A_WORKLOAD: tuple[tuple[Test, str], ...] = (
    (lambda w: any(e.get("loadBalancerName") for e in w.load_balancers), "Podium has no Classic Load Balancers."),
    (lambda w: (w.service_connect or {}).get("enabled"), "Podium has no Service Connect yet."),
    (lambda w: w.volume_configurations, "Podium makes no Amazon EBS volumes yet."),
    (lambda w: w.vpc_lattice_configurations, "Podium has no VPC Lattice yet."),
    (lambda w: w.gateway_connectors, "Podium has no gateways yet."),
)


def of_workload(workload: Service | TaskSet) -> tuple[str, ...]:
    """What its tasks would need; nothing is started while there is any."""
    capacity = CAPACITY.get(workload.runs_on)
    found = tuple(sentence for test, sentence in OF_A_WORKLOAD if test(workload))
    return (capacity, *found) if capacity else found


def of_service(service: Service) -> tuple[str, ...]:
    """What its tasks and its deployments would need."""
    found = list(of_workload(service))
    if service.deployment_strategy != "ROLLING":
        found.append(f"Podium has no {service.deployment_strategy} deployments yet: use ROLLING.")
    if service.lifecycle_hooks:
        found.append("Podium has no deployment lifecycle hooks yet.")
    return tuple(found)
