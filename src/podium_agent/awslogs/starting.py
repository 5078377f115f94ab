"""Before a container starts: whether its log can be had.

Docker itself makes the stream of a driver that does not block only after the container has started, and then nobody
learns that there is no group.
"""

from podium_agent.api import ApiError
from podium_agent.awslogs import configuration
from podium_agent.awslogs.sending import Forwarder, passes
from podium_agent.engine.records import Container, Task

_FAILED = "failed to initialize logging driver: failed to create Cloudwatch log stream: "


async def lacks(forwarder: Forwarder, task: Task, container: Container, cluster: str) -> str:
    """Why the stream cannot be made, in Docker's words; empty when it is made, or when nobody says so now."""
    wanted = configuration.stream(container)
    if wanted is None:
        return ""
    try:
        await forwarder.make(configuration.sender(task, container, cluster), wanted)
    except ApiError as error:
        return "" if passes(error) else f"{_FAILED}{error}"
    except (OSError, EOFError):
        return ""
    return ""
