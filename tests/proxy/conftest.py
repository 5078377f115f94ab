"""A proxy with a control plane that pretends, one for all tests of a file."""

from collections.abc import Iterator

import pytest

from proxy.machine import Machine, Plane, running


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Plane, Machine]]:
    with running(tmp_path_factory.mktemp("proxy")) as found:
        yield found


@pytest.fixture
def plane(proxy: tuple[Plane, Machine]) -> Iterator[Plane]:
    yield proxy[0]
    proxy[0].clear()
