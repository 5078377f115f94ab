"""What load balancers find of a service's tasks: what was asked, what came back, since when, and what to do. No I/O."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from podium.ecs.explaining.findings import Finding, note, problem, warning
from podium.elbv2 import Target, TargetGroup

STATUS, TIMEOUT = "Target.ResponseCodeMismatch", "Target.Timeout"


@dataclass(frozen=True, slots=True)
class Behind:
    """A target group of the service, and the service's targets in it."""

    group: TargetGroup
    targets: Sequence[Target]


def findings(behind: Iterable[Behind], now: datetime) -> Iterator[Finding]:
    for one in behind:
        about = f"target group {one.group.name}"
        there = [target for target in one.targets if target.deregistered_at is None]
        if one.group.load_balancer_arn is None:
            yield problem(
                about,
                "No listener or rule of a load balancer sends it anything, so its targets are never healthy.",
                "CreateListener or CreateRule with an action that forwards to it.",
            )
        elif ill := [target for target in there if target.state == "unhealthy"]:
            yield _of_ill(about, one.group, ill, len(there), now)
        elif new := [target for target in there if target.state == "initial"]:
            yield note(
                about,
                f"{_of(len(new), len(there))} not been checked yet, or not found healthy yet{_last(new)}.",
                f"A target is healthy after its first check that succeeds; {one.group.unhealthy_threshold} in a row "
                "that fail make it unhealthy.",
            )


def _of(some: int, all_: int) -> str:
    return f"{some} of its {all_} targets {'have' if some > 1 else 'has'}"


def _last(targets: Sequence[Target]) -> str:
    told = next((t for t in targets if t.asked and t.answered), None)
    return f"; the last check, {told.asked}, got {told.answered}" if told is not None else ""


def _of_ill(about: str, group: TargetGroup, ill: Sequence[Target], there: int, now: datetime) -> Finding:
    first = min(ill, key=lambda target: target.changed_at or now)
    seconds = int((now - (first.changed_at or now)).total_seconds())
    asked = f": {first.asked} got {first.answered}" if first.asked and first.answered else ""
    sentence = f"{_of(len(ill), there)} failed health checks{asked}, for {seconds} s ({first.description})."
    tell = problem if len(ill) == there else warning
    return tell(about, sentence, _advice(first, group))


def _advice(target: Target, group: TargetGroup) -> str:
    answered = target.answered or ""
    if target.reason == STATUS and answered.startswith(("301", "302", "307", "308")):
        return (
            f"Checks do not follow redirects. Let {group.check_path} answer {group.matcher} itself, name the path that "
            "does as HealthCheckPath, or put the code into the Matcher."
        )
    if target.reason == STATUS and answered.startswith("404"):
        return f"Nothing is served at {group.check_path}: set the group's HealthCheckPath to a path that is."
    if target.reason == STATUS and answered.startswith(("401", "403")):
        return f"Checks come without credentials: let {group.check_path} answer everybody, or name another path."
    if target.reason == STATUS:
        return f"Let {group.check_path} answer {group.matcher}, or widen the group's Matcher."
    if target.reason == TIMEOUT:
        return (
            f"It answers later than in {group.check_timeout} s, or a security group lets nothing through from the load "
            "balancer. Raise HealthCheckTimeoutSeconds, or allow the port."
        )
    return (
        f"Nothing listens on port {target.port}, or on 127.0.0.1 only: let the container listen on 0.0.0.0 and on the "
        "port of its port mapping. One that starts slowly needs healthCheckGracePeriodSeconds."
    )
