"""A request's asks: its own action on each resource, the tags it gives, the roles it passes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.ecs.access import conditions
from podium.ecs.access.conditions import Context
from podium.ecs.access.passing import passed
from podium.ecs.access.scene import Scene
from podium.ecs.access.table import RULES
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.store.session import Transaction


def asks(call: Call, tx: Transaction, operation: str, request: Mapping[str, Any]) -> Sequence[Ask]:
    return tuple(_asks(Scene(call, tx, operation, request)))


def _asks(scene: Scene) -> Iterator[Ask]:
    rule = RULES[scene.operation]
    said: Context = conditions.of_tags(scene.request)
    for keys in rule.keys:
        said.update(keys(scene))
    for arn in dict.fromkeys(rule.resources(scene)) or ("*",):  # who names nothing asks for everything
        context = {**said, **_of_parts(arn), **conditions.of_resource(scene.tx, arn)}
        yield Ask(action=f"ecs:{scene.operation}", resource=arn, context=context)
    if rule.tags is not None and scene.request.get("tags"):
        for arn in rule.tags(scene):
            context = {**said, "ecs:CreateAction": scene.operation}
            yield Ask(action="ecs:TagResource", resource=arn, context=context)
    yield from passed(scene)


_OF_SERVICES = ("service-deployment", "service-revision")


def _of_parts(arn: str) -> Context:
    """A deployment's or a revision's ARN says which cluster and service it is of."""
    opening, _, resource = arn.rpartition(":")
    kind, *path = resource.split("/")
    if kind not in _OF_SERVICES or len(path) != 3:
        return {}
    return {"ecs:cluster": f"{opening}:cluster/{path[0]}", "ecs:service": f"{opening}:service/{path[0]}/{path[1]}"}
