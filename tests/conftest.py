"""What every test may ask for."""

from typing import Any

import pytest

from inprocess import Plane
from podium.ecs.timing import FAST


@pytest.fixture
def plane() -> Plane:
    """A control plane with AWS's patience, on its own clock."""
    return Plane()


@pytest.fixture
def fast_plane() -> Plane:
    """One with the patience of `podium up`."""
    return Plane(timing=FAST)


@pytest.fixture
def proving_plane() -> Plane:
    """One that verifies every signature, and so lives in the present."""
    return Plane(proving=True)


@pytest.fixture
def ecs(plane: Plane) -> Any:
    return plane.ecs
