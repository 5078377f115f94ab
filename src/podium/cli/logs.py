"""podium logs"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from podium.cli.frames import lines
from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, DockerHostOption, data_dir, hint
from podium.cli.periods import seconds
from podium.cli.streams import Prefixes, Stamped, merged, stamped
from podium.cli.survey import pages
from podium.launch import engine, running
from podium.launch.client import Client
from podium.launch.engine import Engine, EngineRefused
from podium.launch.errors import Trouble

TASK_LABEL = "com.amazonaws.ecs.task-arn"
CONTAINER_LABEL = "com.amazonaws.ecs.container-name"
INSTANCE_LABEL = "podium.container-instance"
INTERNAL = "~internal~"  # what the names of containers begin with that no task definition has
SHOWN_OF_ID = 8


@dataclass(frozen=True, kw_only=True)
class Source:
    """A container whose output is wanted."""

    container_id: str
    name: str
    task_arn: str

    @property
    def task_id(self) -> str:
        return self.task_arn.rpartition("/")[2]


def logs(
    wanted: Annotated[
        str, typer.Argument(metavar="SERVICE|TASK", help="A service's name or ARN; a task's id, its beginning, or ARN.")
    ],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as the containers write.")] = False,
    since: Annotated[str, typer.Option(help="How far back: 90s, 15m, 2h, 7d. All there is, without it.")] = "",
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    docker_host: DockerHostOption = None,
) -> None:
    """Print what the containers of a service or a task wrote, as Docker keeps it until they are removed.

    Lines of several containers come in the order of time, each behind the name of its container. With --follow, a
    service's new tasks are followed, too.
    """
    paths = data_dir(data_dir_)
    asked = Engine(docker_host or running.docker_host(paths) or engine.default_host(os.environ))
    client = running.client(paths, running.need(paths))
    place = hint(paths, "status")
    service = _service(client, wanted)
    if service is None:
        sources = _the_task(_sources(asked, _own(client)), wanted, place)
    else:
        sources = _of_service(client, asked, service)
        if not (sources or follow):
            raise Trouble(f"No container of the service {wanted} is left on this engine. `{place}` lists the tasks.")
    now = time.time()
    first = f"{now - seconds(since):.9f}" if since else ""
    tail = Tail(asked, several=service is not None or len(sources) > 1, by_task=service is not None)
    tail.past(sources, since=first, until=f"{now:.9f}" if follow else "")
    if not follow:
        return
    tail.follow(sources, since=f"{now:.9f}")
    if service is None:
        tail.wait()
        return
    for started in asked.starts(TASK_LABEL, since=f"{now:.9f}"):
        these = [one for one in _of_service(client, asked, service) if one.container_id == started]
        tail.follow(these, since=f"{now:.9f}")


class Tail:
    """Writes lines to standard output, whole ones, whoever they are from."""

    def __init__(self, asked: Engine, *, several: bool, by_task: bool) -> None:
        self._asked, self._several, self._by_task = asked, several, by_task
        self._prefixes = Prefixes(coloured=sys.stdout.isatty() and "NO_COLOR" not in os.environ)
        self._turn = threading.Lock()
        self._followed: dict[str, threading.Thread] = {}

    def past(self, sources: list[Source], since: str, until: str) -> None:
        """What was written in that time, in the order of time."""
        found = [(self._name(one), self._lines(one, since=since, until=until)) for one in sources]
        for name, line in merged(found):
            self._print(name, line)

    def follow(self, sources: list[Source], since: str) -> None:
        """What those write from now on that are not followed yet. Returns at once."""
        for one in sources:
            if one.container_id not in self._followed:
                thread = threading.Thread(target=self._print_all, args=(one, since), daemon=True)
                self._followed[one.container_id] = thread
                thread.start()

    def wait(self) -> None:
        """Until the last of those that are followed has ended."""
        for thread in self._followed.values():
            thread.join()

    def _name(self, one: Source) -> str:
        if not self._several:
            return ""
        return f"{one.task_id[:SHOWN_OF_ID]} {one.name}" if self._by_task else one.name

    def _lines(self, one: Source, *, since: str = "", until: str = "", follow: bool = False) -> Iterator[Stamped]:
        """A container that is removed meanwhile wrote nothing more. One alone is not asked when it wrote what."""
        asked = self._asked.logs(one.container_id, stamps=self._several, follow=follow, since=since, until=until)
        try:
            yield from stamped(lines(asked)) if self._several else ((b"", line) for line in lines(asked))
        except EngineRefused as error:
            if error.status != 404:
                raise

    def _print_all(self, one: Source, since: str) -> None:
        for line in self._lines(one, since=since, follow=True):
            self._print(self._name(one), line)

    def _print(self, name: str, line: Stamped) -> None:
        with self._turn:
            sys.stdout.buffer.write(self._prefixes.of(name) + line[1])
            sys.stdout.buffer.flush()


def _own(client: Client) -> set[str]:
    """The ARNs of this Podium's container instances and tasks: another Podium's containers on the engine are not shown.

    Tasks on Fargate are known by their own ARNs alone.
    """
    found: set[str] = set()
    for cluster in pages(client, "ListClusters", {}, "clusterArns"):
        found.update(pages(client, "ListContainerInstances", {"cluster": cluster}, "containerInstanceArns"))
        found.update(_tasks(client, {"cluster": cluster}))
    return found


def _tasks(client: Client, of: dict[str, str]) -> set[str]:
    return {
        arn
        for desired in ("RUNNING", "STOPPED")
        for arn in pages(client, "ListTasks", {**of, "desiredStatus": desired}, "taskArns")
    }


def _service(client: Client, wanted: str) -> str | None:
    """The ARN of the one service of that name, None when there is none. Raises Trouble when there are several."""
    found = [
        arn
        for cluster in pages(client, "ListClusters", {}, "clusterArns")
        for arn in pages(client, "ListServices", {"cluster": cluster}, "serviceArns")
        if wanted in (arn, arn.rpartition("/")[2])
    ]
    if len(found) > 1:
        raise Trouble(f"{wanted} is a service in {len(found)} clusters. Give one ARN of {', '.join(sorted(found))}.")
    return found[0] if found else None


def _of_service(client: Client, asked: Engine, service: str) -> list[Source]:
    cluster = service.split(":", 5)[5].split("/")[1]
    tasks = _tasks(client, {"cluster": cluster, "serviceName": service})
    return sorted((one for one in _sources(asked, tasks) if one.task_arn in tasks), key=_place)


def _sources(asked: Engine, own: set[str]) -> Iterator[Source]:
    """The containers of task definitions. Those that only hold a task's network say nothing."""
    for container in asked.containers({"label": [TASK_LABEL, INSTANCE_LABEL]}):
        labels = container["Labels"]
        name = labels.get(CONTAINER_LABEL) or container["Names"][0].lstrip("/")
        if own & {labels[INSTANCE_LABEL], labels[TASK_LABEL]} and not name.startswith(INTERNAL):
            yield Source(container_id=container["Id"], name=name, task_arn=labels[TASK_LABEL])


def _the_task(sources: Iterator[Source], task: str, status: str) -> list[Source]:
    """The containers of the one task that is meant. Raises Trouble when that is none or more than one."""
    wanted = task.rpartition("/")[2]
    found = [source for source in sources if source.task_id.startswith(wanted)]
    tasks = sorted({source.task_id for source in found})
    if not tasks:
        raise Trouble(f"No container of a task or service {task} is left on this engine. `{status}` lists what runs.")
    if len(tasks) > 1:
        raise Trouble(f"{task} is the beginning of {len(tasks)} tasks: {', '.join(tasks)}. Give more of the id.")
    return sorted(found, key=_place)


def _place(one: Source) -> tuple[str, str]:
    return one.task_arn, one.name
