"""EC2 as a boto3 client sees it, and a network to try things in."""

from typing import Any

import pytest

from inprocess import Plane
from parity.cases.givens import GIVENS, Scene


@pytest.fixture
def ec2(plane: Plane) -> Any:
    return plane.client("ec2")


@pytest.fixture
def made(plane: Plane) -> dict[str, str]:
    """Ids of a VPC with one of everything in it."""
    scene = Scene(plane)
    GIVENS["network"](scene)
    return scene.words
