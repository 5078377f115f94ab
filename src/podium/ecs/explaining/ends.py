"""Why tasks and their containers ended, in plain words. No I/O.

Source: Amazon ECS Developer Guide, "Amazon ECS stopped tasks error messages"; Docker's and the shell's exit codes.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.ecs.explaining.definitions import patience_seconds
from podium.ecs.explaining.findings import Finding, problem, warning
from podium.ecs.lifecycle import UNHEALTHY
from podium.ecs.records import Container, StopCode, Task, TaskStatus

FAULTS = frozenset({StopCode.TASK_FAILED_TO_START, StopCode.ESSENTIAL_CONTAINER_EXITED, StopCode.INFRASTRUCTURE_HEALTH})
EXITS = {
    0: "it ended by itself, without an error",
    1: "the program failed; its log says why",
    125: "Docker could not run the container",
    126: "the command is there but cannot be executed: its permissions, or a script without a shell in the image",
    127: "the command was not found in the image",
    134: "the program aborted (SIGABRT)",
    137: "it was killed (SIGKILL): out of memory, or it did not end within its stopTimeout",
    139: "the program crashed (SIGSEGV), often because the image is of another CPU architecture",
    143: "it was asked to end (SIGTERM) and did",
    255: "the program failed; its log says why",
}
REASONS = (
    ("OutOfMemoryError", "The container used more memory than its hard limit.",
     "Raise `memory` of the container, or of the task, or find what uses it."),
    ("CannotPullContainerError", "The image could not be pulled.",
     "Check the image's name and tag, the registry's credentials, and that the host reaches the registry."),
    ("CannotPullECRContainerError", "The image could not be pulled from Amazon ECR.",
     "Check the image's name, and that the execution role may pull it."),
    ("unable to deliver secrets as files", "The container's secrets could not be put into files.",
     "The reason says why; without the label podium.secrets they are in its environment."),
    ("/run/podium/secrets/", "The files with the container's secrets are not there, as after a restart of the host.",
     "Start another task, which has its own, as a service does. If that fails too, Docker does not see this mount."),
    ("CannotStartContainerError", "Docker could not start the container.",
     "Check its command, its mounts and its ports: the reason names what Docker refused."),
    ("CannotCreateContainerError", "Docker could not create the container.",
     "The reason names the setting that Docker refused."),
    ("did not contain json key", "A secret has no such key.",
     "See its keys with `aws secretsmanager get-secret-value`; valueFrom names one after the secret's ARN."),
    ("invalid ssm parameters", "A parameter is not there.",
     "See the name and the Region with `aws ssm describe-parameters`; valueFrom must be the name, or the whole ARN."),
    ("ResourceNotFoundException: Secrets Manager", "A secret is not there, or no version of it has that stage.",
     "See it with `aws secretsmanager describe-secret`; valueFrom must be its ARN."),
    ("The specified log group does not exist", "The container's log group is not there.",
     "Make it with `aws logs create-log-group`, or set the log option awslogs-create-group to true."),
    ("AccessDeniedException", "The execution role may not read what the task needs before it starts.",
     "Allow it the action on the resource that the reason names, with `aws iam put-role-policy`."),
    ("ResourceInitializationError", "Something that the task needs before it starts could not be had.",
     "The reason names it: a secret, an environment file, a log group, a volume."),
    ("ContainerRuntimeTimeoutError", "Docker took too long.", "Look at the load of the host and at its disk."),
    ("DockerTimeoutError", "Docker took too long.", "Look at the load of the host and at its disk."),
    ("HostPortError", "A host port was taken by somebody else than a task.", "Use hostPort 0, or free the port."),
)  # fmt: skip
CODES = {
    StopCode.TASK_FAILED_TO_START: "It never ran.",
    StopCode.ESSENTIAL_CONTAINER_EXITED: "An essential container ended, and the task with it.",
    StopCode.USER_INITIATED: "Somebody stopped it.",
    StopCode.SERVICE_SCHEDULER_INITIATED: "Its service stopped it.",
    StopCode.SPOT_INTERRUPTION: "Its Fargate Spot capacity was taken back.",
    StopCode.INFRASTRUCTURE_HEALTH: "Its host was lost.",
}


def plainly(task: Task) -> str:
    """Why the task stopped, in a sentence; empty while nobody wants it stopped."""
    if task.desired_status is not TaskStatus.STOPPED:
        return ""
    if task.stopped_reason == UNHEALTHY:
        return "Its service stopped it because a container's health check kept failing."
    said = CODES.get(task.stop_code) if task.stop_code else None
    details = [f"{c.name}: {exit_in_words(c.exit_code)}" for c in task.containers if c.exit_code and c.essential]
    return " ".join(filter(None, (said, f"({'; '.join(details)})" if details else "")))


def exit_in_words(code: int) -> str:
    known = EXITS.get(code)
    if known is None and code > 128:
        known = f"signal {code - 128} ended it"
    return f"exit code {code}, {known}" if known else f"exit code {code}"


def of_container(container: Container) -> Iterator[Finding]:
    """What its reason and its exit code tell."""
    about, reason = f"container {container.name}", container.reason or ""
    for word, sentence, advice in REASONS:
        if reason.startswith(word) or f" {word}" in reason:
            yield problem(about, f"{sentence} {reason}", advice)
            return
    if container.exit_code and container.exit_code != 143:
        advice = "Read its log, and the command of the container definition."
        yield warning(about, f"It ended with {exit_in_words(container.exit_code)}.", advice)


def of_failures(stopped: Sequence[Task], document: Mapping[str, Any]) -> Iterator[Finding]:
    """What the tasks of a service that stopped lately have in common, each once with how often."""
    seen = Counter(finding for task in stopped for container in task.containers for finding in of_container(container))
    for finding, count in seen.most_common():
        told = f"{finding.sentence} ({count} tasks lately)" if count > 1 else finding.sentence
        yield Finding(finding.severity, finding.about, told, finding.advice)
    ill = sum(task.stopped_reason == UNHEALTHY for task in stopped)
    if ill:
        yield from _unhealthy(ill, document)


def _unhealthy(count: int, document: Mapping[str, Any]) -> Iterator[Finding]:
    for container in document["containerDefinitions"]:
        check = container.get("healthCheck")
        if not check or not container.get("essential", True):
            continue
        command = " ".join(check["command"])
        yield problem(
            f"container {container['name']}",
            f"{count} tasks failed their health checks lately. `{command}` must end with exit code 0; a container that "
            f"never does is given up {patience_seconds(check)} s after its start.",
            "Run the command inside the container (`docker exec`); if the program only starts slowly, raise "
            "startPeriod or the service's healthCheckGracePeriodSeconds.",
        )
