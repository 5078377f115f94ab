"""A target's health as a table, and the sentences that DescribeTargetHealth says of it."""

from dataclasses import dataclass, replace

from podium_protocol.proxy import HealthCheck


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one check came to. `reason` and `description` are None when it passed."""

    reason: str | None = None
    description: str | None = None
    asked: str = ""
    answered: str = ""

    @property
    def passed(self) -> bool:
        return self.reason is None


@dataclass(frozen=True, kw_only=True)
class Standing:
    """`successes` and `failures` are in a row. `changed` is when `state` became what it is."""

    state: str = "initial"
    successes: int = 0
    failures: int = 0
    reason: str | None = "Elb.InitialHealthChecking"
    description: str | None = "Initial health checks in progress"
    asked: str | None = None
    answered: str | None = None
    changed: float


def passed(now: float) -> Standing:
    """Of a target that is known to be healthy."""
    return Standing(state="healthy", successes=1, reason=None, description=None, changed=now)


ARCS: dict[tuple[str, str], str] = {
    ("initial", "one success"): "healthy",
    ("initial", "enough failures"): "unhealthy",
    ("healthy", "enough failures"): "unhealthy",
    ("unhealthy", "enough successes"): "healthy",
}
"""TH-1: the first success is enough for a target that is new."""


def advance(standing: Standing, outcome: Outcome, check: HealthCheck, now: float) -> Standing:
    """The standing after one check."""
    successes = standing.successes + 1 if outcome.passed else 0
    failures = 0 if outcome.passed else standing.failures + 1
    state = next(
        (ARCS[arc] for event in _events(successes, failures, check) if (arc := (standing.state, event)) in ARCS), None
    )
    after = replace(standing, successes=successes, failures=failures)
    if not outcome.passed:
        after = replace(after, asked=outcome.asked, answered=outcome.answered)
    if state is not None:
        after = replace(after, state=state, changed=now)
    if after.state == "healthy" and outcome.passed:
        return replace(after, reason=None, description=None, asked=None, answered=None)
    if after.state == "unhealthy" and not outcome.passed:
        return replace(after, reason=outcome.reason, description=outcome.description)
    return after


def _events(successes: int, failures: int, check: HealthCheck) -> list[str]:
    found = ["one success"] if successes else []
    found += ["enough successes"] if successes >= check["healthy_threshold"] else []
    found += ["enough failures"] if failures >= check["unhealthy_threshold"] else []
    return found


def mismatch(codes: str, asked: str, answered: str) -> Outcome:
    description = f"Health checks failed with these codes: [{codes}]"
    return Outcome(reason="Target.ResponseCodeMismatch", description=description, asked=asked, answered=answered)


def timeout(asked: str, seconds: float) -> Outcome:
    answered = f"nothing within {seconds:g} s"
    return Outcome(reason="Target.Timeout", description="Request timed out", asked=asked, answered=answered)


def failure(asked: str, answered: str) -> Outcome:
    return Outcome(
        reason="Target.FailedHealthChecks", description="Health checks failed", asked=asked, answered=answered
    )


def matches(matcher: str, code: int) -> bool:
    """Whether `code` is among numbers and ranges such as `200,300-310`."""
    for part in matcher.split(","):
        first, _, last = part.strip().partition("-")
        if first.isdigit() and int(first) <= code <= int(last or first):
            return True
    return False
