"""What a task definition may say, and how ECS stores what was said.

Every rule raises ClientException with AWS's sentence. Source of the sentences: answers of the real
service, as users report them; of the defaults and bounds: Amazon ECS API Reference, RegisterTaskDefinition.
"""

import json
from typing import Any

from podium.ecs.errors import Client
from podium.ecs.rules.task_definitions import (
    containers,
    launch_types,
    logs,
    normal,
    order,
    platforms,
    ports,
    settings,
    volumes,
)
from podium.ecs.rules.task_definitions.attributes import required_attributes
from podium.ecs.rules.task_definitions.documents import Document, Rule

__all__ = ["Document", "stored"]

MOST_BYTES = 65536


def stored(request: dict[str, Any]) -> Document:
    """The request as DescribeTaskDefinition gives it back, without ARN and revision. Raises Client."""
    if "tags" in request and not request["tags"]:
        raise Client("Tags can not be empty.")
    document = normal.document(request)
    for rule in RULES:
        rule(document)
    launch_types.required(document)
    document["compatibilities"] = launch_types.compatibilities(document)
    document["requiresAttributes"] = [{"name": name} for name in required_attributes(document)]
    return document


def _size(document: Document) -> None:
    length = len(json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode())
    if length > MOST_BYTES:
        raise Client(f"Actual length: '{length}'. Max allowed length is '{MOST_BYTES}' bytes.")


RULES: tuple[Rule, ...] = (
    *containers.RULES,
    *platforms.RULES,
    *ports.RULES,
    *order.RULES,
    *volumes.RULES,
    *settings.RULES,
    *logs.RULES,
    _size,
)
