"""TH-1, and what is said of a target."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from podium_proxy.checks.states import Outcome, Standing, advance, failure, matches, mismatch, timeout
from podium_proxy.health import in_rotation
from proxy.documents import check, group, target

PASSED, FAILED = Outcome(), failure("GET http://10.0.0.1:80/", "connection refused")


def walk(outcomes: str, **changes: Any) -> Standing:
    """`+` passes and `-` fails; the moment is the number of the check."""
    document: Any = check(**{"healthy_threshold": 3, "unhealthy_threshold": 2, **changes})
    standing = Standing(changed=0)
    for number, each in enumerate(outcomes, 1):
        standing = advance(standing, PASSED if each == "+" else FAILED, document, float(number))
    return standing


def test_the_first_success_is_enough_for_a_new_target():
    assert (walk("+").state, walk("-+").state) == ("healthy", "healthy")


def test_a_new_target_is_unhealthy_after_the_threshold_of_failures():
    assert (walk("-").state, walk("--").state) == ("initial", "unhealthy")
    assert walk("--").changed == 2


def test_an_unhealthy_target_needs_its_successes_in_a_row():
    assert [walk(f"--{rest}").state for rest in ("++", "++-++", "+++")] == ["unhealthy", "unhealthy", "healthy"]


def test_a_healthy_target_forgives_failures_that_are_not_in_a_row():
    assert [walk(f"+{rest}").state for rest in ("-", "-+-+-", "--")] == ["healthy", "healthy", "unhealthy"]


def test_what_is_said_is_elbs():
    refused, ok = walk("--"), walk("--+++")
    assert (refused.reason, refused.description) == ("Target.FailedHealthChecks", "Health checks failed")
    assert refused.answered == "connection refused"
    assert (ok.reason, ok.description, ok.asked, ok.answered) == (None, None, None, None)
    assert mismatch("503", "", "").description == "Health checks failed with these codes: [503]"
    assert (timeout("", 5).description, timeout("", 5).answered) == ("Request timed out", "nothing within 5 s")
    assert (walk("").reason, walk("").description) == (
        "Elb.InitialHealthChecking",
        "Initial health checks in progress",
    )


def test_a_matcher_has_numbers_and_ranges():
    assert [code for code in (199, 200, 301, 302, 303) if matches("200,301-302", code)] == [200, 301, 302]
    assert matches("0-99", 12)


@given(st.text("+-", max_size=40), st.integers(2, 10), st.integers(2, 10))
def test_a_state_has_no_reason_exactly_when_it_is_healthy(outcomes: str, up: int, down: int):
    standing = walk(outcomes, healthy_threshold=up, unhealthy_threshold=down)
    assert (standing.state == "healthy") == (standing.reason is None)
    assert standing.changed <= len(outcomes)


@given(st.text("+-", max_size=40), st.integers(2, 10), st.integers(2, 10))
def test_only_a_whole_row_turns_a_target(outcomes: str, up: int, down: int):
    states = [
        walk(outcomes[:n], healthy_threshold=up, unhealthy_threshold=down).state for n in range(len(outcomes) + 1)
    ]
    for n, (before, after) in enumerate(pairwise(states), 1):
        if (before, after) == ("unhealthy", "healthy"):
            assert outcomes[n - up : n] == "+" * up
        elif after == "unhealthy" and before != after:
            assert outcomes[n - down : n] == "-" * down


def rotation(states: dict[int, str], **changes: Any) -> list[int]:
    document: Any = group("g", *(target(port) for port in states), **changes)
    return [each["port"] for each in in_rotation(document, lambda key: states[key[2]])]


def test_unhealthy_targets_get_requests_only_when_no_target_is_healthy():
    assert rotation({1: "healthy", 2: "unhealthy", 3: "initial"}) == [1]
    assert rotation({1: "unhealthy", 2: "unhealthy", 3: "initial"}) == [1, 2]
    assert rotation({1: "initial"}) == []


def test_too_few_healthy_targets_are_too_few_by_number_or_by_percent():
    prefix = "target_group_health.unhealthy_state_routing.minimum_healthy_targets"
    states = {1: "healthy", 2: "unhealthy", 3: "unhealthy"}
    assert rotation(states, attributes={f"{prefix}.count": "2"}) == [1, 2, 3]
    assert rotation(states, attributes={f"{prefix}.percentage": "34"}) == [1, 2, 3]
    assert rotation(states, attributes={f"{prefix}.percentage": "33"}) == [1]


def test_draining_and_unusable_targets_get_nothing_whatever_they_are():
    document: Any = group("g", target(1, draining=True), target(2, usable=False), target(3))
    assert [each["port"] for each in in_rotation(document, lambda _: "healthy")] == [3]
    document = group("g", target(1, draining=True))
    assert in_rotation(document, lambda _: "unhealthy") == []
