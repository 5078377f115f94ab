"""Driving an engine by hand, one event at a time."""

from itertools import count
from typing import Any

from podium_agent.engine import Engine, Settings
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_agent.engine.records import Exit, Key
from podium_protocol import Message, acs

INSTANCE = "arn:aws:ecs:us-east-1:123456789012:container-instance/default/1"
TASK = "arn:aws:ecs:us-east-1:123456789012:task/default/7"


def a_container(name: str = "main", **members: Any) -> dict[str, Any]:
    return {"name": name, "image": "web:1", "essential": True, **members}


def a_task(*containers: dict[str, Any], **members: Any) -> dict[str, Any]:
    given = list(containers) or [a_container()]
    return {"arn": TASK, "family": "web", "version": "3", "desiredStatus": "RUNNING", "containers": given, **members}


class Hands:
    """An engine that Docker has answered already. `asked` is what the last event led to."""

    def __init__(self, **settings: Any) -> None:
        numbers = count()
        self.now = 1000.0
        self.asked: list[Any] = []
        self._sent = count(1)
        self.engine = Engine(
            Settings(cluster="default", container_instance_arn=INSTANCE, **settings),
            new_id=lambda: f"{next(numbers):020x}{0:012x}",
        )
        (look,) = self.of_events(e.Restored(), i.Look)
        self.tell(e.Listed(look=look.number, found=()))

    def tell(self, event: e.Event) -> list[Any]:
        self.asked = self.engine.handle(event, self.now)
        return self.asked

    def say(self, kind: str, **body: Any) -> list[Any]:
        named = {"messageId": f"m{next(self._sent)}", "clusterArn": "arn:c", "containerInstanceArn": INSTANCE}
        return self.tell(e.Received(message=Message(type=kind, body={**named, **body})))

    def give(self, task: dict[str, Any], number: int = 1) -> list[Any]:
        return self.say(acs.PAYLOAD, tasks=[task], seqNum=number)

    def of(self, kind: type[Any]) -> list[Any]:
        return [x for x in self.asked if isinstance(x, kind)]

    def of_events(self, event: e.Event, kind: type[Any]) -> list[Any]:
        """What of that kind `event` leads to."""
        self.tell(event)
        return self.of(kind)

    def run(self, task: dict[str, Any]) -> None:
        """Up to RUNNING, accepted."""
        self.give(task)
        for container in task["containers"]:
            key = Key(task["arn"], container["name"])
            self.tell(e.Created(key=key, docker_id=f"docker-{container['name']}"))
            self.tell(e.Started(key=key))
        self.tell(e.Accepted(task_arn=task["arn"]))

    def end(self, name: str = "main", code: int = 0) -> list[Any]:
        return self.tell(e.Died(docker_id=f"docker-{name}", exit=Exit(code=code, at=self.now)))

    def submitted(self) -> dict[str, Any]:
        (submit,) = self.of(i.Submit)
        return dict(submit.request)
