"""podium logs"""

import os
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import typer

from podium.cli.frames import lines
from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, DockerHostOption, data_dir, hint
from podium.cli.survey import pages
from podium.launch import engine, running
from podium.launch.engine import Engine
from podium.launch.errors import Trouble
from podium.launch.paths import DataDir

TASK_LABEL = "com.amazonaws.ecs.task-arn"
CONTAINER_LABEL = "com.amazonaws.ecs.container-name"
INSTANCE_LABEL = "podium.container-instance"
INTERNAL = "~internal~"  # what the names of containers begin with that no task definition has


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
    task: Annotated[str, typer.Argument(help="A task's id, the beginning of one, or its ARN.")],
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on as the containers write.")] = False,
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    docker_host: DockerHostOption = None,
) -> None:
    """Print what a task's containers wrote, as Docker keeps it: running ones, and stopped ones not yet removed.

    With several containers, each line starts with its container's name.
    """
    paths = data_dir(data_dir_)
    asked = Engine(docker_host or running.docker_host(paths) or engine.default_host(os.environ))
    sources = _the_task(_sources(asked, _own(paths)), task, hint(paths, "status"))
    threads = [
        threading.Thread(target=_print, args=(asked, one, follow, len(sources) > 1), daemon=True) for one in sources
    ]
    for thread in threads:
        thread.start()
        if not follow:
            thread.join()
    for thread in threads:
        thread.join()


def _own(paths: DataDir) -> set[str]:
    """The ARNs of this Podium's container instances and tasks: another Podium's containers on the engine are not shown.

    Tasks on Fargate are known by their own ARNs alone.
    """
    client = running.client(paths, running.need(paths))
    found: set[str] = set()
    for cluster in pages(client, "ListClusters", {}, "clusterArns"):
        found.update(pages(client, "ListContainerInstances", {"cluster": cluster}, "containerInstanceArns"))
        for desired in ("RUNNING", "STOPPED"):
            found.update(pages(client, "ListTasks", {"cluster": cluster, "desiredStatus": desired}, "taskArns"))
    return found


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
        raise Trouble(f"No container of a task {task} is left on this engine. `{status}` lists the tasks.")
    if len(tasks) > 1:
        raise Trouble(f"{task} is the beginning of {len(tasks)} tasks: {', '.join(tasks)}. Give more of the id.")
    return sorted(found, key=lambda source: source.name)


def _print(asked: Engine, source: Source, follow: bool, named: bool) -> None:
    prefix = f"{source.name} | ".encode() if named else b""
    for line in lines(asked.logs(source.container_id, follow)):
        sys.stdout.buffer.write(prefix + line)
        sys.stdout.buffer.flush()
