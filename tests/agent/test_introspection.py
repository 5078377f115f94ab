"""What the agents of a host tell the host."""

from podium_agent.metadata import introspection
from podium_agent.net.server import Head

ONE = {"Cluster": "a", "ContainerInstanceArn": "arn:1", "Version": "v"}
TWO = {"Cluster": "b", "ContainerInstanceArn": "arn:2", "Version": "v"}


def a_task(name, *docker_ids):
    return {"Arn": f"arn:{name}", "Containers": [{"DockerId": docker_id} for docker_id in docker_ids]}


SHARES = [
    {"instances": [TWO], "tasks": [a_task("x", "aaa1", "abc2")]},
    {"instances": [ONE], "tasks": [a_task("y", "abd3")]},
]


def ask(target, shares=SHARES):
    answer = introspection.answer(Head(method="GET", target=target), shares)
    return answer.status, answer.body


def test_one_instance_is_described_and_several_are_listed():
    assert ask("/v1/metadata", SHARES[:1]) == (200, TWO)
    assert ask("/v1/metadata") == (200, {**ONE, "ContainerInstances": [ONE, TWO]})


def test_tasks_of_all_agents_are_found_by_arn_and_by_the_start_of_a_container_s_id():
    assert [t["Arn"] for t in ask("/v1/tasks")[1]["Tasks"]] == ["arn:x", "arn:y"]
    assert ask("/v1/tasks?taskarn=arn:y")[1]["Arn"] == "arn:y"
    assert ask("/v1/tasks?dockerid=abc")[1]["Arn"] == "arn:x"
    assert ask("/v1/tasks?dockerid=ab")[0] == 400
    assert ask("/v1/tasks?dockerid=b")[0] == 404
    assert ask("/v1/tasks?taskarn=arn:z")[0] == 404


def test_the_rest_is_the_license_and_what_there_is():
    assert b"Apache License" in ask("/license")[1]
    assert ask("/anything")[1]["AvailableCommands"] == ["/license", "/v1/metadata", "/v1/tasks"]
