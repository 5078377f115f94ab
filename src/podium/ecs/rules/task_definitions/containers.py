"""A definition's containers: their names, and what CPU and memory they may have of the task."""

from podium.ecs.errors import Client
from podium.ecs.names import NAME
from podium.ecs.rules.task_definitions.documents import Document, Rule
from podium.ecs.rules.task_definitions.documents import containers as _all

MOST = 10
LEAST_MEMORY_MIB = 6


def _number(document: Document) -> None:
    count = len(document["containerDefinitions"])
    if not count:
        raise Client("Container list cannot be empty.")
    if count > MOST:
        raise Client("Too many containers.")


def _names(document: Document) -> None:
    for container in _all(document):
        if not container.get("name"):
            raise Client("Container.name should not be null or empty.")
        if not NAME.fullmatch(container["name"]):
            raise Client("Container.name contains invalid characters.")
        if not container.get("image"):
            raise Client("Container.image should not be null or empty.")
    names = [c["name"] for c in _all(document)]
    if len(set(names)) < len(names):
        raise Client("Container names must be unique within a Task Definition.")


def _essential(document: Document) -> None:
    if not any(c["essential"] for c in _all(document)):
        raise Client("Task definition doesn't have any essential container.")


def _memory(document: Document) -> None:
    for container in _all(document):
        hard, soft = container.get("memory"), container.get("memoryReservation")
        setting = f"Invalid setting for container '{container['name']}'."
        if not hard and not soft and "memory" not in document:
            raise Client(f"{setting} At least one of 'memory' or 'memoryReservation' must be specified.")
        for name, value in (("memory", hard), ("memoryReservation", soft)):
            if value is not None and value < LEAST_MEMORY_MIB:
                raise Client(f"{setting} '{name}' must be at least {LEAST_MEMORY_MIB} MiB.")
        if hard is not None and hard < (soft or 0):
            raise Client(f"{setting} 'memory' must be greater than or equal to 'memoryReservation'.")


def _cpu(document: Document) -> None:
    for container in _all(document):
        if container["cpu"] < 0:
            raise Client(f"Invalid 'cpu' setting for container '{container['name']}'.")


def _of_the_task(document: Document) -> None:
    """Whatever part of the task's memory or CPU is promised to containers must be there."""
    found = list(_all(document))
    if "memory" in document:
        whole = int(document["memory"])
        for container in found:
            for name in ("memory", "memoryReservation"):
                if container.get(name, 0) > whole:
                    raise Client(
                        f"The '{name}' setting for container '{container['name']}' is greater than for the task."
                    )
        if sum(c.get("memoryReservation", 0) for c in found) > whole:
            raise Client(
                "The sum of all container 'memoryReservation' values cannot be greater than "
                "the value of the task 'memory'."
            )
    if "cpu" in document and sum(c["cpu"] for c in found) > int(document["cpu"]):
        raise Client("The sum of all container 'cpu' values cannot be greater than the value of the task 'cpu'.")


RULES: tuple[Rule, ...] = (_number, _names, _essential, _memory, _cpu, _of_the_task)
