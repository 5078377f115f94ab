"""What every test may ask for."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from inprocess import Plane
from podium.ecs.timing import FAST
from store.postgres import running_server


def pytest_configure() -> None:
    """No example is too slow: the machine may be. Whoever runs in the background of a shell ignores SIGINT, and what it
    starts does so too; tests send it.
    """
    settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("patient")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


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


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server of this test process, started when the first test asks for it."""
    with running_server() as url:
        yield url
