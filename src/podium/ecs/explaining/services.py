"""What is to be said of a service as a whole. No I/O."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from podium.ecs.explaining import definitions, ends, traffic, usage
from podium.ecs.explaining.findings import Finding, in_order, note, problem, warning
from podium.ecs.explaining.room import Survey
from podium.ecs.records import Health, Rollout, Service, Task, TaskStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """`tasks` are those wanted, `stopping` how many others have not ended yet, `stopped` those that ended lately;
    `missing` is what Podium lacks for it, in sentences.

    `behind` are its target groups. `refusal` is why a task would not be launched, if it would not. `survey` is of the
    instances for one more task. Where the service has task sets, it is of the one that lacks most, as are `document`,
    `runs_on` and `lacking`: how many tasks it wants that have no place yet.
    """

    service: Service
    runs_on: str
    lacking: int
    document: Mapping[str, Any]
    tasks: Sequence[Task]
    stopping: int = 0
    stopped: Sequence[Task]
    survey: Survey | None
    missing: Sequence[str] = ()
    refusal: str = ""
    behind: Sequence[traffic.Behind] = ()
    samples: usage.Samples
    now: datetime


def findings(facts: Facts) -> list[Finding]:
    document = facts.document
    found = [
        *_state(facts),
        *_place(facts),
        *_health(facts),
        *traffic.findings(facts.behind, facts.now),
        *ends.of_failures(facts.stopped, document),
        *definitions.findings(document, facts.runs_on),
        *usage.findings(facts.tasks, facts.samples),
        *_zones(facts),
    ]
    return in_order(found)


def _state(facts: Facts) -> Iterator[Finding]:
    service = facts.service
    if facts.stopping and facts.lacking:
        yield note(
            "the service",
            f"It has fewer tasks than desired; of old ones, {facts.stopping} still to end.",
            "Where the percentages or an instance have no room for both, the next starts when the old one has ended: "
            "within its stopTimeout, and the deregistration delay behind a load balancer.",
        )
    for sentence in facts.missing:
        yield problem("the service", sentence, "Until Podium has it, its tasks are not started.")
    if facts.refusal:
        yield problem("the service", facts.refusal, "Nothing is started until this is put right.")
    if service.desired_count == 0:
        yield note("the service", "Its desired count is 0.", "UpdateService with a desiredCount starts tasks.")
    if service.deployments and service.primary.rollout is Rollout.FAILED:
        yield problem(
            "the deployment",
            f"{service.primary.rollout_reason} No task of it is started any more.",
            "Put right what failed, and update the service: a new deployment begins.",
        )
    if service.start_again_at is not None and service.start_again_at > facts.now:
        seconds = int((service.start_again_at - facts.now).total_seconds())
        yield warning(
            "the service",
            f"{service.failed_starts} tasks in a row never ran, so the next is tried in {seconds} s.",
            "Put right what they failed of; an update of the service ends the wait.",
        )


def _place(facts: Facts) -> Iterator[Finding]:
    survey, missing = facts.survey, facts.lacking
    if survey is None or not missing or survey.fit:
        return
    waiting = f"{missing} of its tasks wait" if missing > 1 else "1 of its tasks waits"
    where = "hosts that serve Fargate" if facts.runs_on == "FARGATE" else "container instances"
    if not survey.instances:
        yield problem(
            "placement",
            f"{waiting}, and there are no {where}.",
            "`podium up` as root makes this machine one."
            if facts.runs_on == "FARGATE"
            else "Register one in this cluster, or use a cluster that has some: `podium status` shows them.",
        )
        return
    assert survey.closest is not None, "where none fits, one comes closest"
    yield problem(
        "placement",
        f"{waiting}, and none of the {survey.instances} {where} has room for one. The closest match "
        f"lacks only {survey.closest.in_words}.",
        "The table says how many each requirement rules out: ask for less, or add what is missing.",
    )


def _health(facts: Facts) -> Iterator[Finding]:
    ill = [t for t in facts.tasks if t.health is Health.UNHEALTHY and t.last_status is TaskStatus.RUNNING]
    if ill:
        yield warning(
            "the service",
            f"{len(ill)} of its running tasks fail their health checks now.",
            "They are replaced when the grace period is over; `podium explain` of one of them tells more.",
        )


def _zones(facts: Facts) -> Iterator[Finding]:
    zones = {t.availability_zone for t in facts.tasks if t.availability_zone}
    if len(facts.tasks) > 1 and len(zones) == 1:
        yield note(
            "the service",
            f"All of its {len(facts.tasks)} tasks are in the Availability Zone {next(iter(zones))}.",
            "With instances or subnets in another one, it outlives the loss of a zone.",
        )
