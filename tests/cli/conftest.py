import pytest

from cli.command_line import CommandLine
from launch.podium_for_tests import Podium, eventually


@pytest.fixture
def podium(tmp_path):
    command_line = CommandLine(tmp_path / "data", tmp_path)
    yield command_line
    command_line.close()


@pytest.fixture
def parts(podium):
    """What the stand-ins of `podium` wrote down."""
    return Podium(podium.data_dir)


@pytest.fixture
def running(podium):
    assert podium("up", "--detach", "--port", "0").returncode == 0
    return podium


@pytest.fixture
def patience():
    return eventually
