"""Elastic Load Balancing as a boto3 client sees it."""

import pytest

from elbv2.balancing import Balancing
from inprocess import Plane


@pytest.fixture
def elb(plane: Plane) -> Balancing:
    return Balancing(plane)
