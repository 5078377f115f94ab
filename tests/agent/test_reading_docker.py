"""Docker's documents are read right."""

import pytest

from podium_agent.docker.reading import from_inspect, from_list, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1970-01-01T00:00:01Z", 1.0),
        ("1970-01-01T00:00:01.5Z", 1.5),
        ("1970-01-01T00:00:01.123456789Z", 1.123456),
        ("1970-01-01T01:00:01+01:00", 1.0),
        ("1970-01-01T01:00:01.250000000+01:00", 1.25),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        (None, None),
        ("yesterday", None),
    ],
)
def test_times_are_read_in_seconds(text, expected):
    assert seconds(text) == expected


def test_an_ended_container_tells_how():
    state = {
        "Status": "exited",
        "ExitCode": 137,
        "OOMKilled": True,
        "Error": "",
        "StartedAt": "1970-01-01T00:00:01Z",
        "FinishedAt": "1970-01-01T00:00:02Z",
    }
    labels = {"com.amazonaws.ecs.task-arn": "t", "com.amazonaws.ecs.container-name": "c"}
    found = from_inspect({"Id": "d", "Name": "/n", "State": state, "Config": {"Labels": labels}}, now=9.0)
    assert (found.docker_name, found.task_arn, found.container_name) == ("n", "t", "c")
    assert found.exit is not None
    assert (found.exit.code, found.exit.at, found.exit.out_of_memory) == (137, 2.0, True)


@pytest.mark.parametrize(
    ("status", "health"),
    [
        ("Up 3 minutes (healthy)", "healthy"),
        ("Up 3 minutes (unhealthy)", "unhealthy"),
        ("Up 2 seconds (health: starting)", "starting"),
        ("Up 2 seconds", ""),
    ],
)
def test_a_listing_tells_health_in_words(status, health):
    assert from_list({"Id": "d", "Names": ["/n"], "State": "running", "Status": status}).health == health
