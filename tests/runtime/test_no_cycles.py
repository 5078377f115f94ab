"""A thousand requests leave nothing behind that only the collector could free.

Full collections are off while the server serves: with a hundred thousand records one takes a third
of a second, in which nobody is answered.
"""

import gc
from typing import Any

from inprocess import Plane
from podium.ecs.service import ecs
from podium.kernel.call import Call
from podium.kernel.principal import root


def test_a_thousand_requests_make_no_cycle(plane: Plane) -> None:
    plane.ready()
    plane.serve("web", 2)
    a_day(plane)  # what is made once, made
    gc.collect()
    gc.disable()
    try:
        for _ in range(100):
            a_day(plane)
        assert gc.collect() == 0
    finally:
        gc.enable()


def a_day(plane: Plane) -> None:
    """Ten requests of every kind, and the controllers' work after them."""
    definition = [{"name": "main", "image": "i", "memory": 32}]
    arn = ask(plane, "RegisterTaskDefinition", family="f", containerDefinitions=definition)["taskDefinition"]
    ask(plane, "RunTask", taskDefinition="f")
    ask(plane, "UpdateService", service="web", taskDefinition="f")
    for operation, request in (
        ("DescribeServices", {"services": ["web"]}),
        ("ListTasks", {}),
        ("DescribeClusters", {"include": ["STATISTICS"]}),
        ("ListContainerInstances", {}),
    ):
        ask(plane, operation, **request)
    for task in ask(plane, "ListTasks")["taskArns"]:
        ask(plane, "StopTask", task=task)
        ask(plane, "SubmitTaskStateChange", task=task, status="STOPPED")
    ask(plane, "DeregisterTaskDefinition", taskDefinition=arn["taskDefinitionArn"])
    plane.advance(3700)


def ask(plane: Plane, operation: str, **request: Any) -> Any:
    call = Call(
        account="123456789012",
        region="us-east-1",
        principal=root("123456789012"),
        now=plane.clock.now(),
        ids=plane.ids,
        sealer=plane.sealer,
    )
    answer = plane.write(lambda tx: ecs.operations[operation](call, tx, request))
    plane.run()
    return answer
