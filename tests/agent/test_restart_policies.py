"""Containers that are started again in place: when, how often, and who hears of it."""

import pytest

from agent.engine_hands import TASK, Hands, a_container, a_task
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_agent.engine import saved
from podium_agent.engine.records import Exit, Key, Status

MAIN = Key(TASK, "main")


def restarting(name: str = "main", **members: object) -> dict[str, object]:
    policy = {"enabled": True, "ignoredExitCodes": [3], "restartAttemptPeriod": 60}
    return a_container(name, restartPolicy=policy, **members)


@pytest.fixture
def hands() -> Hands:
    hands = Hands()
    hands.run(a_task(restarting()))
    return hands


def main(hands: Hands):
    return hands.engine.tasks[TASK].container("main")


def test_a_container_that_ran_long_enough_is_started_again_in_place_and_nobody_is_told(hands):
    hands.now += 60
    hands.end(code=1)
    (start,) = hands.of(i.Start)
    assert (start.docker_id, start.again) == ("docker-main", True)
    assert not hands.of(i.Submit)
    hands.tell(e.Started(key=MAIN))
    assert [type(x) for x in hands.asked] == [i.Save]
    assert (main(hands).status, main(hands).restarts, main(hands).exit_code) == (Status.RUNNING, 1, None)


def test_the_count_is_on_disk_before_the_start_is_asked_for(hands):
    hands.now += 60
    kinds = [type(x) for x in hands.end() if not isinstance(x, i.Note)]
    assert kinds == [i.Save, i.Flush, i.Start]


@pytest.mark.parametrize(("seconds", "code"), [(59, 1), (60, 3)])
def test_a_short_run_and_an_ignored_exit_code_end_the_container_and_being_essential_the_task(hands, seconds, code):
    hands.now += seconds
    hands.end(code=code)
    assert not hands.of(i.Start)
    assert (hands.submitted()["status"], hands.submitted()["containers"][0]["exitCode"]) == ("STOPPED", code)


def test_the_period_counts_from_the_last_restart(hands):
    hands.now += 100
    hands.end(code=1)
    hands.tell(e.Started(key=MAIN))
    hands.now += 59
    hands.end(code=2)
    assert hands.submitted()["containers"][0]["exitCode"] == 2


def test_without_a_period_five_minutes_are_waited_for():
    hands = Hands()
    hands.run(a_task(a_container(restartPolicy={"enabled": True})))
    hands.now += 300
    hands.end()
    assert hands.of(i.Start)


def test_a_policy_that_is_off_restarts_nothing():
    hands = Hands()
    hands.run(a_task(a_container(restartPolicy={"enabled": False, "restartAttemptPeriod": 60})))
    hands.now += 300
    hands.end()
    assert hands.submitted()["status"] == "STOPPED"


def test_one_end_told_twice_is_one_restart(hands):
    hands.now += 60
    death = e.Died(docker_id="docker-main", exit=Exit(code=1, at=hands.now))
    hands.tell(death)
    hands.tell(death)
    hands.tell(e.Started(key=MAIN))
    hands.now += 5
    hands.tell(death)
    assert (main(hands).status, main(hands).restarts) == (Status.RUNNING, 1)


def test_a_task_told_to_stop_restarts_nothing_and_tells_the_last_exit_code(hands):
    hands.give(a_task(restarting(), desiredStatus="STOPPED"), 2)
    hands.now += 60
    hands.end(code=143)
    assert not hands.of(i.Start)
    assert hands.submitted()["containers"][0]["exitCode"] == 143


def test_a_stop_while_the_start_is_under_way_ends_what_was_started(hands):
    hands.now += 60
    hands.end(code=1)
    hands.give(a_task(restarting(), desiredStatus="STOPPED"), 2)
    assert not hands.of(i.Stop)
    hands.tell(e.Started(key=MAIN))
    assert hands.of(i.Stop)
    hands.now += 1
    hands.end(code=143)
    assert hands.submitted()["containers"][0]["exitCode"] == 143


def test_a_start_that_fails_ends_the_container_in_docker_s_words(hands):
    hands.now += 60
    hands.end(code=1)
    hands.tell(e.StartFailed(key=MAIN, reason="CannotStartContainerError: no", port_taken=True))
    (entry,) = hands.submitted()["containers"]
    assert (entry["reason"], entry["runtimeId"]) == ("CannotStartContainerError: no", "docker-main")


def test_a_new_agent_finds_a_restart_that_was_under_way_and_finishes_it(hands):
    hands.now += 60
    hands.end(code=1)
    record = saved.to_record(hands.engine.tasks[TASK])
    again = Hands()
    again.now = hands.now + 10
    (look,) = again.of_events(e.Restored(records=(record,)), i.Look)
    found = e.Found(docker_id="docker-main", docker_name="x", state="exited", exit=Exit(code=1, at=hands.now))
    again.tell(e.Listed(look=look.number, found=(found,)))
    assert [start.again for start in again.of(i.Start)] == [True]
    assert main(again).restarts == 1


def test_who_waits_for_success_waits_through_a_restart():
    hands = Hands()
    first = restarting("first", essential=False)
    hands.give(a_task(a_container(dependsOn=[{"containerName": "first", "condition": "SUCCESS"}]), first))
    for name in ("main", "first"):
        hands.tell(e.Created(key=Key(TASK, name), docker_id=f"docker-{name}"))
    hands.tell(e.Started(key=Key(TASK, "first")))
    hands.now += 60
    hands.end("first", 1)
    assert [s.key.name for s in hands.of(i.Start)] == ["first"]
    hands.tell(e.Started(key=Key(TASK, "first")))
    hands.now += 5
    hands.end("first", 0)
    assert [s.key.name for s in hands.of(i.Start)] == ["main"]
