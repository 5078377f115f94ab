"""The scene that cases are set in, and how what was done before is told."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from inprocess import ACCOUNT, REGION, Plane

HOME = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
GROUP = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:autoScalingGroup:1b2c3d4e-0000-4000-8000-000000000001"
MANAGED = {
    "infrastructureRoleArn": f"arn:aws:iam::{ACCOUNT}:role/infra",
    "instanceLaunchTemplate": {
        "ec2InstanceProfileArn": f"arn:aws:iam::{ACCOUNT}:instance-profile/p",
        "networkConfiguration": {"subnets": ["subnet-1"]},
    },
}


@dataclass
class Scene:
    """A control plane and the words that cases may use of it."""

    plane: Plane
    words: dict[str, str] = field(default_factory=lambda: {"home": HOME, "account": ACCOUNT, "group": GROUP})
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def ecs(self) -> Any:
        return self.plane.ecs

    @property
    def iam(self) -> Any:
        return self.plane.client("iam")

    def client(self, service: str, by: str) -> Any:
        return self.plane.client(service, key=self.keys[by]) if by in self.keys else self.plane.client(service)


Given = Callable[[Scene], None]
GIVENS: dict[str, Given] = {}


def given(function: Given) -> Given:
    GIVENS[function.__name__.strip("_").replace("_", "-")] = function
    return function


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
