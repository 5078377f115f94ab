import pytest

from inprocess import Plane
from logs.streams import Streams


@pytest.fixture
def web(plane: Plane) -> Streams:
    """A log group with the streams a and b."""
    made = Streams(plane)
    made.stream("a", "b")
    return made
