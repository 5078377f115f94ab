"""The main job, start to end: one service on real containers, driven by plain `aws ecs` commands."""

import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from demo import balancing, screen
from demo.machine import Machine
from demo.screen import Results

IMAGE = "podium/demo:1"
CLUSTER = ("--cluster", "demo")
SERVICE = (*CLUSTER, "--service", "web")


def tell(machine: Machine, results: Results) -> None:
    create(machine, results)
    ask_everyone(machine, results)
    kill_one(machine, results)
    roll_out(machine, results)
    scale(machine, results)
    run_once(machine, results)
    balancing.balance(machine)
    balancing.roll_out_under_load(machine, results)


def create(machine: Machine, results: Results) -> None:
    screen.chapter("1. A cluster, a task definition, a service of three tasks")
    machine.aws("ecs", "create-cluster", "--cluster-name", "demo")
    register(machine, version="1")
    machine.aws(
        "ecs", "create-service", *CLUSTER, "--service-name", "web", "--task-definition", "web", "--desired-count", "3"
    )
    polled = wait_stable(machine)
    tasks = running(machine)
    began = min(at(t["createdAt"]) for t in tasks)
    first, last = (pick(at(t["startedAt"]) for t in tasks) - began for pick in (min, max))
    results.add("three tasks: created to RUNNING", last, f"the first after {first:.2f} s", polled)
    for task in tasks:
        screen.say(f"task {short(task)} in {task['availabilityZone']} on port {port(task)}")


def register(machine: Machine, version: str, **more: Any) -> None:
    container = {
        "name": "web",
        "image": IMAGE,
        "portMappings": [{"containerPort": 8080}],
        "environment": [{"name": "VERSION", "value": version}],
        **more,
    }
    machine.aws(
        "ecs", "register-task-definition", "--family", "web", "--cpu", "256", "--memory", "512",
        "--container-definitions", json.dumps([container]),
    )  # fmt: skip


def ask_everyone(machine: Machine, results: Results) -> None:
    screen.chapter("2. Every task answers over HTTP, with its own id")
    for task in running(machine):
        told = ask(machine, task)
        screen.say(f"http://127.0.0.1:{port(task)} -> task {told['task'][:8]}…, revision {told['revision']}")
        if told["task"] != task["taskArn"].rpartition("/")[2]:
            raise SystemExit("A task answered with another task's id.")
    since = time.time() - results.began
    results.add("make demo to the first answered request", since, _since_clone(results))


def _since_clone(results: Results) -> str:
    cloned = results.cloned
    return "" if cloned is None else f"from the clone: {time.time() - cloned:.0f} s"


def kill_one(machine: Machine, results: Results) -> None:
    screen.chapter("3. A container killed behind Podium's back is replaced")
    before = {t["taskArn"] for t in running(machine)}
    victim = running(machine)[0]
    runtime_id = victim["containers"][0]["runtimeId"]
    screen.command(["docker", "kill", runtime_id[:12]])
    machine.docker("kill", runtime_id)
    after = until(lambda: all_running(machine, 3, without=victim["taskArn"]))
    ended = machine.aws("ecs", "describe-tasks", *CLUSTER, "--tasks", short(victim))["tasks"][0]
    screen.say(f"{short(victim)}: {ended['stoppedReason']}, exit code {ended['containers'][0]['exitCode']}")
    new = next(t for t in after if t["taskArn"] not in before)
    screen.say(f"{short(new)} took its place")
    took = at(new["startedAt"]) - at(ended["executionStoppedAt"])
    results.add("a killed container: ended to replacement RUNNING", took)


def roll_out(machine: Machine, results: Results) -> None:
    screen.chapter("4. A new revision rolls out, old and new side by side")
    check = {"command": ["CMD-SHELL", "wget -qO- http://127.0.0.1:8080/ || exit 1"], "interval": 5, "retries": 2}
    register(machine, version="2", healthCheck=check)
    machine.aws("ecs", "update-service", *SERVICE, "--task-definition", "web")
    seen: set[str] = set()

    def only_new() -> list[Any] | None:
        tasks = running(machine)
        counts = {r: sum(revision(t) == r for t in tasks) for r in ("1", "2")}
        line = f"revision 1: {counts['1']} RUNNING, revision 2: {counts['2']} RUNNING"
        if line not in seen:
            seen.add(line)
            screen.say(line)
        return tasks if counts == {"1": 0, "2": 3} else None

    tasks = until(only_new)
    polled = wait_stable(machine)
    service = machine.quietly("ecs", "describe-services", *CLUSTER, "--services", "web")["services"][0]
    began = at(service["deployments"][0]["createdAt"])
    ended = at(service["deployments"][0]["updatedAt"])
    for task in tasks:
        told = ask(machine, task)
        screen.say(f"http://127.0.0.1:{port(task)} -> revision {told['revision']}, version {told['version']}")
    results.add(
        "the roll-out: asked to COMPLETED", ended - began, "the old stay until the new pass their health check", polled
    )


def scale(machine: Machine, results: Results) -> None:
    screen.chapter("5. Scaled to five, and to none")
    machine.aws("ecs", "update-service", *SERVICE, "--desired-count", "5")
    tasks = until(lambda: all_running(machine, 5))
    newest = sorted(tasks, key=lambda t: at(t["createdAt"]))[-2:]
    took = max(at(t["startedAt"]) for t in newest) - min(at(t["createdAt"]) for t in newest)
    results.add("two tasks more: created to RUNNING", took)
    arns = [t["taskArn"] for t in tasks]
    machine.aws("ecs", "update-service", *SERVICE, "--desired-count", "0")
    stopped = until(lambda: all_stopped(machine, arns))
    took = max(at(t["stoppedAt"]) for t in stopped) - min(at(t["stoppingAt"]) for t in stopped)
    codes = sorted({c["exitCode"] for t in stopped for c in t["containers"]})
    results.add("five tasks stopped: SIGTERM to STOPPED", took, f"exit codes {codes}")
    for event in reversed(events(machine)[:3]):
        screen.say(event)


def run_once(machine: Machine, results: Results) -> None:
    screen.chapter("6. A one-off task, to its exit code")
    overrides = {"containerOverrides": [{"name": "web", "command": ["sh", "-c", "echo the backup is done; exit 0"]}]}
    run = machine.aws("ecs", "run-task", *CLUSTER, "--task-definition", "web", "--overrides", json.dumps(overrides))
    arn = run["tasks"][0]["taskArn"]
    (task,) = until(lambda: all_stopped(machine, [arn]))
    code = task["containers"][0]["exitCode"]
    screen.say(f"{task['stoppedReason']}: exit code {code}. What it wrote:")
    screen.say(machine.podium("logs", short(task)).strip())
    results.add(
        "a one-off task: created to STOPPED", at(task["stoppedAt"]) - at(task["createdAt"]), f"exit code {code}"
    )


def wait_stable(machine: Machine) -> float:
    began = time.time()
    machine.aws("ecs", "wait", "services-stable", *CLUSTER, "--services", "web")
    return time.time() - began


def running(machine: Machine) -> list[Any]:
    arns = machine.quietly("ecs", "list-tasks", *CLUSTER, "--service-name", "web")["taskArns"]
    if not arns:
        return []
    tasks = machine.quietly("ecs", "describe-tasks", *CLUSTER, "--tasks", *arns)["tasks"]
    return [t for t in tasks if t["lastStatus"] == "RUNNING"]


def all_running(machine: Machine, count: int, without: str = "") -> list[Any] | None:
    tasks = [t for t in running(machine) if t["taskArn"] != without]
    return tasks if len(tasks) == count else None


def all_stopped(machine: Machine, arns: list[str]) -> list[Any] | None:
    tasks: list[Any] = machine.quietly("ecs", "describe-tasks", *CLUSTER, "--tasks", *arns)["tasks"]
    return tasks if all(t["lastStatus"] == "STOPPED" for t in tasks) else None


def events(machine: Machine) -> list[str]:
    service = machine.quietly("ecs", "describe-services", *CLUSTER, "--services", "web")["services"][0]
    return [e["message"] for e in service["events"]]


def until(look: Callable[[], Any], seconds: float = 120) -> Any:
    """What `look` finds, as soon as it finds something."""
    deadline = time.time() + seconds
    while time.time() < deadline:
        if (found := look()) is not None:
            return found
    raise SystemExit(f"Nothing came of it within {seconds:.0f} s; `podium status` and the service's events say more.")


def ask(machine: Machine, task: Any) -> Any:
    """What the task answers. Its port is open a moment before its server listens, so the first tries may fail."""

    def answer() -> Any:
        try:
            return json.loads(machine.fetch(f"http://127.0.0.1:{port(task)}/"))
        except (OSError, ValueError):
            return None

    return until(answer, seconds=30)


def at(text: str | float) -> float:
    return text if isinstance(text, float) else datetime.fromisoformat(str(text)).timestamp()


def port(task: Any) -> int:
    bindings: list[Any] = task["containers"][0]["networkBindings"]
    return int(bindings[0]["hostPort"])


def short(task: Any) -> str:
    return str(task["taskArn"].rpartition("/")[2])


def revision(task: Any) -> str:
    return str(task["taskDefinitionArn"].rpartition(":")[2])
