"""Attributes of container instances: what users put on them, beside what the agent says.

Source: Amazon ECS API Reference, Attribute.
"""

import re
from typing import Any

from podium.ecs import names
from podium.ecs.errors import AttributeLimitExceeded, InvalidParameter, TargetNotFound
from podium.ecs.records import Cluster, ContainerInstance, InstanceStatus
from podium.ecs.rules import choices, pages
from podium.ecs.rules.registrations import AGENTS_OWN
from podium.ecs.service import ecs
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

Attributes = dict[str, str | None]
MOST, MOST_IN_A_CALL = 10, 10
TARGETS = ("container-instance",)
RESERVED = ("ecs.", "com.amazonaws.")
NAME = re.compile(r"[A-Za-z0-9._/\\-]{1,128}")
VALUE = re.compile(r"[A-Za-z0-9._/\\@:-]([A-Za-z0-9._/\\@: -]{0,126}[A-Za-z0-9._/\\@:-])?")


@ecs.operation
def put_attributes(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Custom attributes, at most ten an instance; those that ECS and the agent set are not for the taking."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    shown = []
    for attribute in _counted(request["attributes"]):
        name, value = _checked(attribute)
        instance = _target(call, tx, cluster, attribute)
        kept = {**instance.custom_attributes, name: value}
        if len(kept) > MOST:
            raise AttributeLimitExceeded(f"A resource can have at most {MOST} custom attributes.")
        tx.put(replace(instance, custom_attributes=kept, version=instance.version + 1))
        shown.append(_shown(instance.arn, name, value))
    return {"attributes": shown}


@ecs.operation
def delete_attributes(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The answer shows the values that the attributes had. One that is not there is no error.

    What the agent's operator gave it goes like what users put, until the agent says it anew when it registers again.
    """
    cluster = names.cluster(call, tx, request.get("cluster"))
    gone = []
    for attribute in _counted(request["attributes"]):
        instance, name = _target(call, tx, cluster, attribute), attribute["name"]
        is_own = name.startswith(AGENTS_OWN)  # ECS and the agent themselves say so, and it stays
        there = instance.custom_attributes if is_own else {**instance.attributes, **instance.custom_attributes}
        if name not in there:
            continue
        told = instance.attributes if is_own else _without(instance.attributes, name)
        custom = _without(instance.custom_attributes, name)
        tx.put(replace(instance, attributes=told, custom_attributes=custom, version=instance.version + 1))
        gone.append(_shown(instance.arn, name, there[name]))
    return {"attributes": gone}


@ecs.operation(reads=True)
def list_attributes(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Of every instance that is not INACTIVE: the agent's attributes and the custom ones."""
    cluster = names.cluster(call, tx, request.get("cluster"))
    choices.one_of("targetType", request["targetType"], TARGETS)
    if "attributeValue" in request and "attributeName" not in request:
        raise InvalidParameter("An attribute name must be specified when an attribute value is.")
    found = [
        (i.arn, name, value)
        for i in tx.list(ContainerInstance, cluster_arn=cluster.arn)
        if i.status is not InstanceStatus.INACTIVE
        for name, value in {**i.attributes, **i.custom_attributes}.items()
        if request.get("attributeName", name) == name and request.get("attributeValue", value) == value
    ]
    rows, token = pages.page(sorted(found, key=lambda r: r[:2]), request, key=lambda r: r[:2])
    return {"attributes": [_shown(*row) for row in rows], "nextToken": token}


def _without(attributes: Attributes, name: str) -> Attributes:
    return {other: value for other, value in attributes.items() if other != name}


def _counted(attributes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not 1 <= len(attributes) <= MOST_IN_A_CALL:
        raise InvalidParameter(f"Attributes must have between 1 and {MOST_IN_A_CALL} items.")
    return attributes


def _checked(attribute: dict[str, Any]) -> tuple[str, str | None]:
    name, value = attribute["name"], attribute.get("value")
    if not NAME.fullmatch(name) or name.startswith(RESERVED):
        raise InvalidParameter(f"The attribute name '{name}' is not valid.")
    if value is not None and not VALUE.fullmatch(value):
        raise InvalidParameter(f"The value of attribute '{name}' is not valid.")
    return name, value


def _target(call: Call, tx: Transaction, cluster: Cluster, attribute: dict[str, Any]) -> ContainerInstance:
    """A short id needs its type said; a whole ARN says it itself."""
    value = attribute.get("targetId") or ""
    if "targetType" in attribute:
        choices.one_of("targetType", attribute["targetType"], TARGETS)
    elif not value.startswith("arn:"):
        raise InvalidParameter("targetType must be specified when targetId is not a full Amazon Resource Name (ARN).")
    instance = names.find_instance(call, tx, cluster, value)
    if instance is None or instance.status is InstanceStatus.INACTIVE:
        raise TargetNotFound(f"Could not find {value}")
    return instance


def _shown(arn: str, name: str, value: str | None) -> dict[str, str]:
    shown = {"name": name, "targetId": arn}
    return shown if value is None else {**shown, "value": value}
