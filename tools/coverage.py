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

An operation that is not answered yet says so (HTTP 501 `NotImplemented`). Every operation of ECS is answered: what a
request asks for and Podium does not have yet is checked, kept and shown like the rest, and [waits](#waits). Nothing is
silently passed over, except what is listed under [Accepted without effect](#accepted-without-effect).
"""

WAITS = (
    (
        "capacity provider FARGATE_SPOT, ephemeral storage, public addresses",
        "tasks run as on FARGATE: none is interrupted, the disk has no limit, and no public address is given",
    ),
    (
        "Managed Instances",
        "tasks stay PROVISIONING, their containers say what is missing, and they stop with `TaskFailedToStart`; "
        "their capacity providers stay PROVISIONING",
    ),
    (
        "capacity providers of Auto Scaling groups",
        "tasks run on instances that are in the group; no instance is started. With managed scaling, what finds no "
        "room waits PROVISIONING and stops with `TaskFailedToStart`; without, RunTask fails and services try again",
    ),
    (
        "launch type EXTERNAL",
        "runs on instances with the attribute `ecs.capability.external`; there are no activations yet",
    ),
    (
        "network mode `awsvpc` where the agent is not root in Docker Engine's network",
        "not placed (`ATTRIBUTE`); on Fargate, capacity is unavailable",
    ),
    (
        "load balancers, service discovery, Service Connect, VPC Lattice, gateway connectors, Amazon EBS volumes",
        "the service starts no tasks; its deployment stays IN_PROGRESS, and its reason and an event say why",
    ),
    (
        "deployment strategies BLUE_GREEN, LINEAR and CANARY, lifecycle hooks",
        "likewise; ROLLING with circuit breaker, alarms, bake time and early success works",
    ),
    ("deployment controller CODE_DEPLOY", "its task set stays STABILIZING; controller EXTERNAL with task sets works"),
    ("GPUs", "placed on instances that register some; Podium's own agent does not look for any"),
    ("Neuron devices", "not placed (`RESOURCE:GPU`)"),
    (
        "registry credentials, FireLens, EFS with encryption in transit, credential specs, App Mesh",
        "not placed (`ATTRIBUTE`): no container instance offers them yet",
    ),
    (
        "ECS Exec",
        "on Podium's own agent; KMS encryption of sessions (`executeCommandConfiguration`) is not made",
    ),
)

WITHOUT_EFFECT = (
    "CloudWatch alarms: their metrics are not evaluated, and their actions do nothing; the state is what SetAlarmState "
    "says. Deployments are watched by it",
    "CloudWatch dashboards: kept and shown; nothing draws them",
    "Application Auto Scaling: a desired count that is outside the bounds of its scalable target when these are set is "
    "moved into them; scaling policies and scheduled actions are checked and kept, and nothing follows them yet. The "
    "alarms of target tracking are made, and have insufficient data. Only services of ECS are scalable targets",
    "entities of CloudWatch's metrics, dynamic labels such as `${MAX}`, LabelOptions, IncludeLinkedAccounts: read, and "
    "passed over. Metric math knows `+ - * /`, SUM, AVG, MIN, MAX, RATE, and FILL with a number or REPEAT; the rest is "
    "refused. All metrics are kept as they came for as long as `--metrics` says",
    "a cluster's Container Insights and execute-command configuration: stored and shown",
    "a cluster's Service Connect default, managed scaling and managed draining: shown as attachments that are FAILED",
    "ECR: repositories, their policies and settings are checked, kept and shown. There is no registry behind them yet: "
    "they hold no image, and what pushes or pulls one is not answered. Images are named where Docker Engine finds them",
    "CloudWatch Logs: keys of groups and resource policies are stored and shown, and judge nobody. Subscription "
    "filters are kept, and nothing is sent",
    "EventBridge: rules, their targets and event buses are checked, kept and shown, and TestEventPattern judges events "
    "by the pattern language; no rule is followed yet, neither by event nor by schedule. PutEvents is not answered",
    "Key Management Service: rotation is kept and shown, and no key has been given new material yet. Keys are "
    "symmetric and belong to one region; there are no grants",
    "Secrets Manager: secrets are of one region, are rotated by commands of the operator in place of Lambda functions, "
    "and do not tell when they were last read. RotateImmediately=false does not try the command's testSecret",
    "Parameter Store: the data type `aws:ec2:image` is kept and no image is looked up; parameter policies are refused",
    "EventBridge Scheduler: schedules and their groups are checked, kept and shown; none is followed yet",
    "route tables, internet and NAT gateways, Elastic IP addresses, `MapPublicIpOnLaunch`, DNS attributes: stored and "
    "shown; hosts lead what they run out themselves, and public addresses are made up (198.18.0.0/15)",
    "IPv6 rules of security groups: stored and shown; networks have no IPv6 (asking for it is refused)",
    "Cloud Map's HealthCheckConfig: stored and shown; instances are UNKNOWN and found. Public DNS namespaces are "
    "answered for by Podium's own resolver alone, and `HostedZoneId` names a zone that no Route 53 shows",
    "logs of load balancers in S3, WAF, zonal shifts, capacity reservations, security groups of load balancers: stored "
    "and shown",
    "certificates that are requested from Certificate Manager: issued at once, without a look at whose the domain is, "
    "by an authority of the account's own. Browsers trust it once its certificate, the chain that GetCertificate "
    "answers, is among those that they trust. They are valid for 825 days, and are not renewed",
    "account settings: stored and shown; `containerInsights` is what new clusters begin with",
    "IAM instance profiles, and task and execution roles: passing them is judged; no container gets their credentials",
    "`versionConsistency`: of tasks that start before the first of their service revision has found an image's digest, "
    "of task sets and of tasks of no service, each looks the tag up anew",
    "`role`, `monitoring`, `enableFaultInjection`, `inferenceAccelerators`: no effect",
)

NOTES = {
    "CreateCapacityProvider": "an Auto Scaling group is not looked up; Managed Instances stay PROVISIONING",
    "CreateDaemon": "deployments stay PENDING: there are no Managed Instances",
    "CreateExpressGatewayService": "kept and shown; no task is started, and its status says why",
    "CreateGateway": "stays UPDATE_FAILED: no load balancer is made of it",
    "ContinueServiceDeployment": "no deployment stops at a hook",
    "CreateService": "see [waits](#waits)",
    "CreateTaskSet": "see [waits](#waits)",
    "DescribeContainerInstances": "attachments are always empty",
    "ExecuteCommand": "on Podium's own agent",
    "PutAttributes": "container instances alone",
    "RegisterContainerInstance": "identity documents are not verified",
    "RunTask": "see [waits](#waits)",
    "StartTask": "see [waits](#waits)",
    "SubmitAttachmentStateChanges": "acknowledged; there are no attachments yet",
    "UpdateContainerAgent": "never updates: agents come with Podium",
    "UpdateDaemon": "see CreateDaemon",
    "UpdateService": "see [waits](#waits)",
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
    yield "## Waits"
    yield ""
    yield "| asked for | what happens |"
    yield "|---|---|"
    yield from (f"| {what} | {answer} |" for what, answer in WAITS)
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
