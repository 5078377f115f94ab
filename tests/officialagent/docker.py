"""Containers that do what a test says. They outlive their agent, as Docker's do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count


@dataclass
class Container:
    runtime_id: str
    task: str
    name: str
    image: str
    state: str = "running"
    exit_code: int | None = None
    bindings: list[dict[str, object]] = field(default_factory=list)


class Docker:
    """An image named `exits-N` ends with N as soon as it runs; one named `missing` cannot be pulled."""

    def __init__(self) -> None:
        self.containers: list[Container] = []
        self.told: Callable[[Container], None] = lambda container: None
        self._ids = count(1)
        self._ports = count(32768)

    def run(self, task: str, name: str, image: str, ports: list[dict[str, object]]) -> Container:
        """Started; a second one for the same task's container is what must never be."""
        assert self.of(task, name) is None, f"{name} of {task} was started twice"
        bindings = [
            {
                "bindIP": "0.0.0.0",
                "containerPort": p["containerPort"],
                "hostPort": p.get("hostPort") or next(self._ports),
                "protocol": p.get("protocol", "tcp"),
            }
            for p in ports
        ]
        made = Container(f"{next(self._ids):064x}", task, name, image, bindings=bindings)
        self.containers.append(made)
        return made

    def of(self, task: str, name: str) -> Container | None:
        return next((c for c in self.containers if (c.task, c.name) == (task, name)), None)

    def exit(self, task: str, name: str, code: int) -> None:
        container = self.of(task, name)
        if container is not None and container.state == "running":
            container.state, container.exit_code = "exited", code
            self.told(container)

    def running(self) -> list[Container]:
        return [c for c in self.containers if c.state == "running"]
