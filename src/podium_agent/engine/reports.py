"""What the control plane is owed about a task, and in which words.

A report is derived, not queued: it tells the next thing that was not accepted yet. So a
report that was lost is made again from what is known, and none can overtake another.
"""

from typing import Any

from msgspec.structs import replace

from podium_agent.engine.records import Binding, Container, Report, Status, Task

_LONGEST_REASON = 1024
_ALL_ADDRESSES = "0.0.0.0"


def next_report(task: Task) -> Report | None:
    """Digests as they are learned, RUNNING once the task ran, then the ends of its containers, then STOPPED."""
    if digests := _digests(task):
        return Report(status=Status.PENDING, containers=dict.fromkeys(digests, Status.PENDING))
    if task.ran and task.reported < Status.RUNNING:
        return Report(status=Status.RUNNING, containers=_news(task, ending=False))
    if task.status is Status.STOPPED:
        news = _news(task, ending=True)
        return Report(status=Status.STOPPED, containers=news) if task.reported < Status.STOPPED else None
    news = _news(task, ending=False) if task.reported is Status.RUNNING else {}
    return Report(status=Status.RUNNING, containers=news) if news else None


def accepted(task: Task) -> Task:
    """The task once the report under way has arrived."""
    if task.report is None:
        return task
    told = task.report.containers
    containers = tuple(
        replace(c, reported=max(c.reported, told[c.name]), digest_told=bool(c.image_digest)) if c.name in told else c
        for c in task.containers
    )
    return replace(task, reported=max(task.reported, task.report.status), containers=containers, report=None)


def request(task: Task, report: Report, cluster: str) -> dict[str, Any]:
    """The report as members of SubmitTaskStateChange. Those without a value are left out."""
    members = {
        "cluster": cluster,
        "task": task.arn,
        "status": report.status.name,
        "reason": task.reason[:_LONGEST_REASON] if report.status is Status.STOPPED else "",
        "containers": [_entry(task.container(name), status) for name, status in report.containers.items()],
        "managedAgents": _managed_agents(task, report) or None,
        "pullStartedAt": task.pull_started_at,
        "pullStoppedAt": task.pull_stopped_at,
        "executionStoppedAt": task.execution_stopped_at if report.status is Status.STOPPED else None,
    }
    return {name: value for name, value in members.items() if value is not None}


def _managed_agents(task: Task, report: Report) -> list[dict[str, str]]:
    """Those of containers that are told to run. This agent does itself what they are for."""
    running = (task.container(name) for name, status in report.containers.items() if status is Status.RUNNING)
    return [
        {"containerName": container.name, "managedAgentName": str(agent.get("name", "")), "status": "RUNNING"}
        for container in running
        for agent in container.definition.get("managedAgents") or []
    ]


def bindings(container: Container) -> list[dict[str, Any]]:
    """The ports of a container that has been started, as the API shows them."""
    bound = container.bindings if container.ran else ()
    return [{"bindIP": _ALL_ADDRESSES, **_ports(b), "protocol": b.protocol} for b in bound]


def _ports(binding: Binding) -> dict[str, Any]:
    """A range that was mapped as one is shown as one."""
    if binding.length is None:
        return {"containerPort": binding.container_port, "hostPort": binding.host_port}
    last = binding.length - 1
    return {
        "containerPortRange": f"{binding.container_port}-{binding.container_port + last}",
        "hostPortRange": f"{binding.host_port}-{binding.host_port + last}",
    }


def _digests(task: Task) -> list[str]:
    """Whose digests to tell ahead of RUNNING: in every later report they are told anyway."""
    if task.ran or task.desired is Status.STOPPED:
        return []
    return [c.name for c in task.containers if c.image_digest and not c.digest_told and c.status < Status.RUNNING]


def _news(task: Task, *, ending: bool) -> dict[str, Status]:
    """What to tell of each container that has come further than was accepted.

    The end of an essential container is the end of the task and is told with it: until then
    such a container counts as running.
    """
    told = {c.name: c.status if ending else _until_the_end(c) for c in task.defined}
    return {c.name: told[c.name] for c in task.defined if told[c.name] > c.reported and told[c.name] >= Status.RUNNING}


def _until_the_end(container: Container) -> Status:
    if container.status is Status.STOPPED and container.essential:
        return Status.RUNNING if container.ran else Status.PENDING
    return container.status


def _entry(container: Container, status: Status) -> dict[str, Any]:
    ended = status is Status.STOPPED
    entry = {
        "containerName": container.name,
        "status": status.name,
        "exitCode": container.exit_code if ended else None,
        "reason": container.reason[:_LONGEST_REASON] if ended and container.reason else None,
        "runtimeId": container.docker_id,
        "imageDigest": container.image_digest or None,
        "networkBindings": bindings(container) or None,
    }
    return {name: value for name, value in entry.items() if value is not None}
