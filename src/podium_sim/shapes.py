"""The services of a week, one of each shape, and the programs that their tasks run."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from podium_sim.docker import Program

GOOD, PULLED, MISSING, SICK, STUBBORN = (
    "podium/web:1",
    "podium/pulled:1",
    "podium/missing:1",
    "podium/sick:1",
    "podium/stubborn:1",
)
FALTERS = "podium/falters:1"  # healthy at first
ALARM = "trouble"
ALARMS = {"AlarmName": ALARM, "MetricName": "Errors", "Namespace": "Shop", "Statistic": "Sum"} | {
    "Period": 60,
    "EvaluationPeriods": 1,
    "Threshold": 1.0,
    "ComparisonOperator": "GreaterThanThreshold",
}
BATCH = {"podium/quick:1": Program(seconds=2.0), "podium/fails:1": Program(seconds=20.0, code=3)}
LONG = {"podium/long:1": Program(seconds=600.0, code=7)}
PROGRAMS = {
    SICK: Program(healthy_after=None, sick_after=1.0),
    FALTERS: Program(sick_after=40.0),
    STUBBORN: Program(ends_on_term=None),
    **BATCH,
    **LONG,
}
REGISTRY = {PULLED: Program(ends_on_term=1.0)}

Document = Mapping[str, Any]
PORT = {"portMappings": [{"containerPort": 80, "hostPort": 8080}]}
DYNAMIC = {"portMappings": [{"containerPort": 80}]}
CHECK = {"healthCheck": {"command": ["CMD", "true"], "interval": 5, "retries": 1}}
NETWORKED = {"networkMode": "awsvpc"}
ON_FARGATE = {**NETWORKED, "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512"}
SIDECAR = {
    "name": "side",
    "image": "podium/quick:1",
    "essential": False,
    "memory": 32,
}
WAITS = {"dependsOn": [{"containerName": "side", "condition": "SUCCESS"}]}


@dataclass(frozen=True, kw_only=True)
class Shape:
    """`container` and `document` are what its definitions have beside name, image and size.

    `count` is the desired count that surely fits. `most` is what users ask for at most.
    """

    name: str
    count: int = 2
    most: int = 6
    container: Document = field(default_factory=dict)
    document: Document = field(default_factory=dict)
    service: Document = field(default_factory=dict)
    percents: tuple[int, int] = (100, 200)
    breaker: Document = field(default_factory=dict)
    bake: int = 0
    alarmed: bool = False
    images: tuple[str, ...] = (GOOD, GOOD, PULLED, MISSING)
    networked: bool = False
    beside: tuple[Document, ...] = ()

    @property
    def is_daemon(self) -> bool:
        return self.service.get("schedulingStrategy") == "DAEMON"

    @property
    def is_external(self) -> bool:
        return bool(self.service.get("deploymentController"))


BREAKS = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
COUNTS = {
    "deploymentCircuitBreaker": {
        "enable": True,
        "rollback": True,
        "resetOnHealthyTask": False,
        "thresholdConfiguration": {"type": "COUNT", "value": 2},
    }
}
STALLS = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}}

SHAPES: tuple[Shape, ...] = (
    Shape(name="web", count=3, container=DYNAMIC, breaker=BREAKS, alarmed=True),
    Shape(
        name="api",
        count=2,
        most=5,
        container=PORT,
        percents=(50, 100),
        service={"placementStrategy": [{"type": "binpack", "field": "memory"}]},
    ),
    Shape(
        name="checked",
        count=3,
        container=CHECK,
        percents=(50, 150),
        breaker=COUNTS,
        service={"healthCheckGracePeriodSeconds": 5},
        images=(GOOD, GOOD, SICK, FALTERS, MISSING),
    ),
    Shape(
        name="packed",
        count=3,
        percents=(0, 100),
        service={
            "placementConstraints": [{"type": "memberOf", "expression": "attribute:stack == blue"}],
            "placementStrategy": [{"type": "binpack", "field": "memory"}],
        },
        images=(GOOD, STUBBORN, PULLED),
    ),
    Shape(
        name="apart",
        count=3,
        most=5,
        percents=(67, 134),
        breaker=STALLS,
        service={
            "placementConstraints": [{"type": "distinctInstance"}],
            "placementStrategy": [{"type": "spread", "field": "instanceId"}],
        },
    ),
    Shape(
        name="daemon",
        count=0,
        service={"schedulingStrategy": "DAEMON"},
        percents=(50, 100),
        images=(GOOD, PULLED, MISSING),
        breaker=BREAKS,
    ),
    Shape(name="outside", count=2, service={"deploymentController": {"type": "EXTERNAL"}}),
    Shape(name="inner", count=2, document=NETWORKED, networked=True, bake=1, breaker=BREAKS),
    Shape(
        name="served",
        count=2,
        most=5,
        document=ON_FARGATE,
        service={"launchType": "FARGATE"},
        networked=True,
        percents=(100, 150),
        breaker=COUNTS,
    ),
    Shape(
        name="mixed",
        alarmed=True,
        count=4,
        most=7,
        service={
            "capacityProviderStrategy": [
                {"capacityProvider": "left", "base": 1, "weight": 1},
                {"capacityProvider": "right", "weight": 3},
            ],
            "placementStrategy": [{"type": "random"}],
        },
        beside=(SIDECAR,),
        container=WAITS,
        images=(GOOD, GOOD, PULLED),
    ),
)
BY_NAME = {shape.name: shape for shape in SHAPES}


def definition(shape: Shape, image: str) -> dict[str, Any]:
    """RegisterTaskDefinition's request."""
    size = {} if "memory" in shape.document else {"memory": 256, "cpu": 128}
    main = {"name": "main", "image": image, "stopTimeout": 3, **size, **shape.container}
    return {"family": shape.name, "containerDefinitions": [main, *shape.beside], **shape.document}


def deployment_configuration(shape: Shape) -> dict[str, Any]:
    least, most = shape.percents
    if shape.is_external:
        return {}
    bake = {"strategy": "ROLLING", "bakeTimeInMinutes": shape.bake} if not shape.is_daemon else {}
    alarms = {"alarms": {"alarmNames": [ALARM], "enable": True, "rollback": True}} if shape.alarmed else {}
    return {"minimumHealthyPercent": least, "maximumPercent": most, **bake, **shape.breaker, **alarms}
