"""The documents a container reads about itself."""

from agent.engine_hands import TASK, Hands, a_container, a_task
from podium_agent.metadata.documents import container_document, rfc3339, task_document
from podium_agent.metadata.residents import Place

PLACE = Place(cluster="default", zone="us-east-1b")
INSPECTED = {
    "Image": "sha256:abc",
    "Created": "2026-01-01T00:00:00.5Z",
    "Config": {"Labels": {"a": "b"}},
    "HostConfig": {"LogConfig": {"Type": "json-file", "Config": {}}},
    "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2"}}},
}


def a_running_task():
    hands = Hands()
    mapping = {"containerPort": 80, "hostPort": 8080, "protocol": "tcp"}
    hands.run(
        a_task(a_container(portMappings=[mapping], containerArn="arn:container", memory=64), cpu=0.25, memory=128)
    )
    return hands.engine.tasks[TASK]


def test_a_task_says_who_it_is_and_where_it_runs():
    document = task_document(a_running_task(), {"docker-main": INSPECTED}, PLACE, 4)
    assert document["TaskARN"] == TASK
    assert (document["Cluster"], document["Family"], document["Revision"]) == ("default", "web", "3")
    assert (document["DesiredStatus"], document["KnownStatus"]) == ("RUNNING", "RUNNING")
    assert document["Limits"] == {"CPU": 0.25, "Memory": 128}
    assert document["AvailabilityZone"] == "us-east-1b"
    assert document["FaultInjectionEnabled"] is False
    assert "PullStartedAt" not in document


def test_a_container_says_what_docker_knows_of_it():
    task = a_running_task()
    document = container_document(task, task.containers[0], INSPECTED, 4)
    assert (document["DockerId"], document["Name"], document["ImageID"]) == ("docker-main", "main", "sha256:abc")
    assert document["Ports"] == [{"ContainerPort": 80, "Protocol": "tcp", "HostPort": 8080, "HostIp": "0.0.0.0"}]
    assert document["Networks"] == [{"NetworkMode": "bridge", "IPv4Addresses": ["172.17.0.2"]}]
    assert document["Limits"] == {"CPU": 2, "Memory": 64}
    assert document["ContainerARN"] == "arn:container"


def test_version_3_is_without_what_came_with_version_4():
    task = a_running_task()
    document = container_document(task, task.containers[0], INSPECTED, 3)
    assert not document.keys() & {"ContainerARN", "LogDriver"}
    assert "HostIp" not in document["Ports"][0]
    assert "FaultInjectionEnabled" not in task_document(task, {}, PLACE, 3)


def test_times_are_written_with_nanoseconds():
    assert rfc3339(1.5) == "1970-01-01T00:00:01.500000000Z"
    assert rfc3339(None) is None
