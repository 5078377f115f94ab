"""Writes docs/coverage.md: what Podium answers, made from the code. With --check it only looks."""

import sys
from collections.abc import Iterator
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "coverage.md"

sys.path.insert(0, str(PAGE.parent.parent / "src"))

from podium.server.front import SERVICES as ANSWERING  # noqa: E402
from podium.wire.model import SERVICES, Service, service_model  # noqa: E402

INTRODUCTION = """\
# What works

This page is made from the code by `make coverage`; a test holds it to the code.

An operation that is not answered yet says so (`UnsupportedFeatureException` for ECS, HTTP 501 `NotImplemented` for
the other services), and so does a member of an answered operation whose effect would be missing. Nothing is accepted
and silently passed over, except what is listed under [Accepted without effect](#accepted-without-effect).
"""

REFUSED = (
    ("launch types FARGATE, EXTERNAL and MANAGED_INSTANCES, capacity providers", "EC2 alone"),
    ("network mode `awsvpc`", "`bridge`, `host` and `none`"),
    ("scheduling strategy DAEMON", "REPLICA"),
    ("deployment controllers CODE_DEPLOY and EXTERNAL; strategies BLUE_GREEN, LINEAR and CANARY", "ECS with ROLLING"),
    ("load balancers, Cloud Map, Service Connect, VPC Lattice", "host ports of your own choosing, or dynamic ones"),
    ("deployment alarms, lifecycle hooks, bake time, early success", "the circuit breaker, with its usual threshold"),
    ("GPUs, FireLens, credential specs, App Mesh", ""),
    (
        "task roles, secrets, environment files, registry credentials, EFS, shared PID and IPC namespaces",
        "they can be registered; no container instance offers them, so that such tasks are not placed (`ATTRIBUTE`)",
    ),
    ("ECS Exec", "`docker exec`"),
    ("volumes configured at launch", "host, Docker and task-lifetime volumes"),
)

WITHOUT_EFFECT = (
    "availability zone rebalancing: stored and shown",
    "a cluster's Container Insights and execute-command configuration: stored and shown",
    "a cluster's Service Connect default, managed scaling and managed draining: shown as attachments that are FAILED",
    "account settings: stored and shown; `containerInsights` is what new clusters begin with",
    "IAM instance profiles, and task and execution roles: passing them is judged; no container gets their credentials",
    "`versionConsistency`: an image's tag is looked up for every task anew",
    "`role`, `monitoring`, `enableFaultInjection`, `inferenceAccelerators`: no effect",
)

NOTES = {
    "CreateCapacityProvider": "an Auto Scaling group is not looked up; Managed Instances stay PROVISIONING",
    "CreateDaemon": "deployments stay PENDING: there are no Managed Instances",
    "CreateExpressGatewayService": "kept and shown; no task is started, and its status says why",
    "CreateGateway": "stays UPDATE_FAILED: there are no load balancers",
    "CreateService": "see [refused](#refused)",
    "DeleteTaskDefinitions": "definitions stay DELETE_IN_PROGRESS",
    "DescribeContainerInstances": "attachments are always empty",
    "ListTasks": "`daemonName` is refused",
    "PutAttributes": "container instances alone",
    "RegisterContainerInstance": "identity documents are not verified",
    "RunTask": "see [refused](#refused)",
    "StartTask": "see [refused](#refused)",
    "SubmitAttachmentStateChanges": "acknowledged; there are no attachments yet",
    "UpdateContainerAgent": "never updates: agents come with Podium",
    "UpdateDaemon": "see CreateDaemon",
    "UpdateService": "see [refused](#refused)",
}


def page() -> str:
    return "\n".join([INTRODUCTION, *_services(), "", *_ecs(), "", *_limits(), ""])


def answered(service: str) -> set[str]:
    return set(ANSWERING[service].operations) if service in ANSWERING else set()


def _services() -> Iterator[str]:
    yield "## Services"
    yield ""
    yield "Every service below is understood on the wire: routed, its signature verified, its errors in its own form."
    yield ""
    yield "| service | answered | planned | protocols |"
    yield "|---|--:|--:|---|"
    for service in sorted(SERVICES.values(), key=_most_answered_first):
        protocols = ", ".join(service.protocols)
        yield f"| {service.name} | {len(answered(service.name))} | {len(service.operations)} | {protocols} |"


def _most_answered_first(service: Service) -> tuple[int, str]:
    return -len(answered(service.name)), service.name


def _ecs() -> Iterator[str]:
    known, works = sorted(service_model("ecs").operation_names), answered("ecs")
    yield "## Amazon ECS"
    yield ""
    yield f"{len(works)} of {len(known)} operations."
    yield ""
    yield "| operation | | not yet |"
    yield "|---|---|---|"
    for name in known:
        yield f"| {name} | {'answered' if name in works else '–'} | {NOTES.get(name, '')} |".replace("|  |", "| |")
    for service in sorted(set(ANSWERING) - {"ecs"}):
        yield ""
        yield f"Of {service}: {', '.join(sorted(answered(service)))}."


def _limits() -> Iterator[str]:
    yield "## Refused"
    yield ""
    yield "| refused for now | use |"
    yield "|---|---|"
    yield from (f"| {what} | {instead} |" for what, instead in REFUSED)
    yield ""
    yield "## Accepted without effect"
    yield ""
    yield from (f"- {line}" for line in WITHOUT_EFFECT)


def main(arguments: list[str]) -> int:
    made = page()
    if "--check" in arguments:
        return int(made != PAGE.read_text())
    PAGE.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
