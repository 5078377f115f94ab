"""AWS's own managed policies, those that have to do with containers and what stands around them.

One file a policy, with the document that AWS publishes. ReadOnlyAccess, SecurityAudit and ViewOnlyAccess name more
than three hundred services at AWS; here they keep to the ones that a container platform touches.
Source: AWS Managed Policy Reference.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from podium.iam.records import Policy, PolicyVersion, called

OWNER = "iam::aws:policy"
HOME = "aws::aws"


def is_managed(arn: str) -> bool:
    """Whether the ARN is one that AWS, not a customer, would own."""
    return arn.split(":", 5)[4:5] == ["aws"]


@cache
def find(arn: str) -> Policy | None:
    """The policy, with the one version that is in force."""
    name = arn.rpartition("/")[2]
    if not is_managed(arn) or name not in _names():
        return None
    body = json.loads(resources.files(__package__).joinpath(f"{name}.json").read_text())
    made = _policy(arn.split(":")[1], name, body)
    return made if made.arn == arn else None


@cache
def every(partition: str) -> tuple[Policy, ...]:
    bodies = {
        name: json.loads(resources.files(__package__).joinpath(f"{name}.json").read_text()) for name in sorted(_names())
    }
    return tuple(_policy(partition, name, body) for name, body in bodies.items())


@cache
def _names() -> frozenset[str]:
    return frozenset(
        entry.name.removesuffix(".json")
        for entry in resources.files(__package__).iterdir()
        if entry.name.endswith(".json")
    )


def _policy(partition: str, name: str, body: Mapping[str, Any]) -> Policy:
    arn = f"arn:{partition}:{OWNER}{body['path']}{name}"
    updated = datetime.fromisoformat(body["updated"])
    return Policy(
        arn=arn,
        home=HOME,
        called=called(HOME, name),
        name=name,
        path=body["path"],
        id=_id(name),
        created_at=datetime.fromisoformat(body["created"]),
        updated_at=updated,
        versions=(PolicyVersion(id=body["version"], document=json.dumps(body["document"]), created_at=updated),),
        default=body["version"],
    )


def _id(name: str) -> str:
    """The same at every start."""
    return "ANPA" + base64.b32encode(hashlib.sha256(name.encode()).digest())[:17].decode()
