"""What the engine does, in examples a reader can check in their head."""

import pytest

from agent.engine_hands import INSTANCE, TASK, Hands, a_container, a_task
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_agent.engine.records import Key, Status
from podium_protocol import acs

MAIN = Key(TASK, "main")
DYNAMIC = {"containerPort": 80, "hostPort": 0}


@pytest.fixture
def hands() -> Hands:
    return Hands(host_ports=(40000, 40009))


def test_a_payload_is_saved_then_acknowledged_then_carried_out(hands):
    kinds = [type(x) for x in hands.give(a_task())]
    assert kinds == [i.SaveSequence, i.Save, i.Flush, i.Send, i.Create]


def test_a_payload_that_comes_again_is_only_acknowledged(hands):
    hands.run(a_task())
    assert [x.message.type for x in hands.give(a_task()) if not isinstance(x, i.Flush)] == [acs.ACK]


def test_the_end_of_a_task_is_told_once_more_to_whoever_still_speaks_of_it(hands):
    hands.run(a_task())
    hands.end(code=7)
    hands.tell(e.Accepted(task_arn=TASK))
    told = [x for x in hands.give(a_task(desiredStatus="STOPPED"), number=2) if isinstance(x, i.Submit)]
    assert [(x.request["status"], x.request["containers"][0]["exitCode"]) for x in told] == [("STOPPED", 7)]
    assert not [x for x in hands.give(a_task(), number=3) if isinstance(x, i.Submit)], "it is under way already"


def test_a_payload_for_another_instance_is_passed_over(hands):
    asked = hands.say(acs.PAYLOAD, tasks=[a_task()], containerInstanceArn="arn:other")
    assert [type(x) for x in asked] == [i.Note]


def test_a_task_told_to_stop_before_it_was_known_is_told_as_stopped(hands):
    hands.give(a_task(desiredStatus="STOPPED"))
    assert hands.submitted()["status"] == "STOPPED"
    assert not hands.of(i.Create)


def test_a_stop_in_a_hurry_takes_the_place_of_the_containers_patience(hands):
    hands.run(a_task(a_container(stopTimeout=90)))
    hands.give(a_task(desiredStatus="STOPPED", stopTimeout=1))
    assert [stop.timeout for stop in hands.of(i.Stop)] == [1]


def test_running_is_told_with_ports_and_the_docker_id(hands):
    hands.give(a_task(a_container(portMappings=[DYNAMIC])))
    hands.tell(e.Created(key=MAIN, docker_id="d1"))
    hands.tell(e.Started(key=MAIN))
    (entry,) = hands.submitted()["containers"]
    assert (entry["status"], entry["runtimeId"]) == ("RUNNING", "d1")
    (binding,) = entry["networkBindings"]
    assert 40000 <= binding["hostPort"] <= 40009
    assert binding == {"bindIP": "0.0.0.0", "containerPort": 80, "hostPort": binding["hostPort"], "protocol": "tcp"}


def test_two_tasks_never_get_the_same_dynamic_port(hands):
    chosen = set()
    for number in range(10):
        task = a_task(a_container(portMappings=[DYNAMIC]), arn=f"{TASK}{number}")
        hands.give(task)
        (create,) = hands.of(i.Create)
        chosen.add(create.body["HostConfig"]["PortBindings"]["80/tcp"][0]["HostPort"])
    assert len(chosen) == 10
    hands.give(a_task(a_container(portMappings=[DYNAMIC]), arn=f"{TASK}full"))
    assert hands.submitted()["reason"] == "CannotCreateContainerError: a host port is unavailable"


def test_a_range_of_ports_is_published_one_by_one_and_told_as_a_range(hands):
    mapping = {"containerPortRange": "7000-7002", "protocol": "udp"}
    hands.give(a_task(a_container(portMappings=[mapping])))
    (create,) = hands.of(i.Create)
    published = create.body["HostConfig"]["PortBindings"]
    assert list(published) == ["7000/udp", "7001/udp", "7002/udp"]
    first = int(published["7000/udp"][0]["HostPort"])
    assert [int(p[0]["HostPort"]) for p in published.values()] == [first, first + 1, first + 2]
    hands.tell(e.Created(key=MAIN, docker_id="d1"))
    hands.tell(e.Started(key=MAIN))
    assert hands.submitted()["containers"][0]["networkBindings"] == [
        {
            "bindIP": "0.0.0.0",
            "containerPortRange": "7000-7002",
            "hostPortRange": f"{first}-{first + 2}",
            "protocol": "udp",
        }
    ]


def test_more_ports_in_a_row_than_there_are_are_unavailable(hands):
    hands.give(a_task(a_container(portMappings=[{"containerPortRange": "7000-7010"}])))
    assert hands.submitted()["reason"] == "CannotCreateContainerError: 11 contiguous host ports are unavailable"


def test_a_port_that_docker_could_not_give_is_chosen_again_in_a_new_container(hands):
    hands.give(a_task(a_container(portMappings=[DYNAMIC])))
    (first,) = hands.of(i.Create)
    hands.tell(e.Created(key=MAIN, docker_id="d1"))
    hands.tell(e.StartFailed(key=MAIN, reason="port is already allocated", port_taken=True))
    (second,) = hands.of(i.Create)
    assert [d.docker_id for d in hands.of(i.Discard)] == ["d1"]
    assert second.docker_name != first.docker_name
    assert second.body["HostConfig"]["PortBindings"] != first.body["HostConfig"]["PortBindings"]


def test_a_static_port_that_is_taken_fails_the_task(hands):
    hands.give(a_task(a_container(portMappings=[{"containerPort": 80, "hostPort": 8080}])))
    hands.tell(e.Created(key=MAIN, docker_id="d1"))
    hands.tell(e.StartFailed(key=MAIN, reason="CannotStartContainerError: taken", port_taken=True))
    assert hands.submitted()["containers"][0]["reason"] == "CannotStartContainerError: taken"


def test_an_end_that_overtakes_the_answer_to_its_start_is_told_in_order(hands):
    hands.give(a_task())
    hands.tell(e.Created(key=MAIN, docker_id="docker-main"))
    hands.end(code=3)
    assert hands.submitted()["status"] == "RUNNING"
    hands.tell(e.Started(key=MAIN))
    hands.tell(e.Accepted(task_arn=TASK))
    assert hands.submitted()["containers"][0]["exitCode"] == 3


def test_the_end_of_a_side_container_is_told_while_the_task_runs_on(hands):
    hands.run(a_task(a_container(), a_container("side", essential=False)))
    hands.end("side", 9)
    told = hands.submitted()
    assert told["status"] == "RUNNING"
    assert told["containers"] == [
        {"containerName": "side", "status": "STOPPED", "exitCode": 9, "runtimeId": "docker-side"}
    ]
    assert not hands.of(i.Stop)


def test_containers_stop_in_reverse_of_how_they_depend(hands):
    proxy = a_container("proxy", dependsOn=[{"containerName": "main", "condition": "START"}], stopTimeout=7)
    hands.run(a_task(a_container(), proxy))
    hands.give(a_task(a_container(), proxy, desiredStatus="STOPPED"), 2)
    assert [(s.docker_id, s.timeout) for s in hands.of(i.Stop)] == [("docker-proxy", 7)]
    hands.end("proxy", 143)
    assert [(s.docker_id, s.timeout) for s in hands.of(i.Stop)] == [("docker-main", 30)]


def test_who_waits_for_a_success_that_did_not_come_never_starts(hands):
    init = a_container("init", essential=False)
    main = a_container(dependsOn=[{"containerName": "init", "condition": "SUCCESS"}])
    hands.give(a_task(main, init))
    hands.tell(e.Created(key=MAIN, docker_id="docker-main"))
    assert not hands.of(i.Start)
    hands.tell(e.Created(key=Key(TASK, "init"), docker_id="docker-init"))
    hands.tell(e.Started(key=Key(TASK, "init")))
    hands.end("init", 1)
    told = {c["containerName"]: c for c in hands.submitted()["containers"]}
    assert hands.submitted()["status"] == "STOPPED"
    assert told["main"]["exitCode"] == 143
    assert told["main"]["reason"].startswith("CannotStartContainerError: dependency graph: main(web:1) waits")


def test_who_waits_too_long_for_health_gives_up(hands):
    slow = a_container("slow", essential=False, startTimeout=10)
    main = a_container(dependsOn=[{"containerName": "slow", "condition": "HEALTHY"}])
    hands.give(a_task(main, slow))
    hands.tell(e.Created(key=MAIN, docker_id="docker-main"))
    hands.tell(e.Created(key=Key(TASK, "slow"), docker_id="docker-slow"))
    hands.tell(e.Started(key=Key(TASK, "slow")))
    assert hands.engine.next_deadline() == 1005.0
    hands.now = 1010.0
    hands.tell(e.Tick())
    assert hands.engine.tasks[TASK].container("main").status is Status.STOPPED


def test_health_lets_the_next_container_start(hands):
    db = a_container("db", healthCheckType="docker", dockerConfig={"config": '{"Healthcheck": {"Test": ["CMD"]}}'})
    main = a_container(dependsOn=[{"containerName": "db", "condition": "HEALTHY"}])
    hands.give(a_task(main, db))
    hands.tell(e.Created(key=MAIN, docker_id="docker-main"))
    hands.tell(e.Created(key=Key(TASK, "db"), docker_id="docker-db"))
    hands.tell(e.Started(key=Key(TASK, "db")))
    hands.tell(e.HealthChanged(docker_id="docker-db", health="healthy", at=1001.0))
    assert [type(x) for x in hands.asked[:2]] == [i.PublishHealth, i.Start]


def test_a_circle_of_dependencies_is_refused(hands):
    one = a_container("one", dependsOn=[{"containerName": "two", "condition": "START"}])
    two = a_container("two", dependsOn=[{"containerName": "one", "condition": "START"}])
    hands.give(a_task(one, two))
    assert hands.submitted()["reason"] == f"TaskDependencyError: Task dependencies cannot be resolved, taskArn: {TASK}"


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (a_task(networkMode="awsvpc"), "one network interface, not 0"),
        (a_task(networkMode="ipvlan"), "network mode ipvlan"),
        (a_task(a_container(firelensConfiguration={"type": "fluentd"})), "FireLens"),
        (a_task(volumes=[{"name": "v", "type": "ebs"}]), "volumes of type ebs"),
        (a_task(associations=[{"type": "elastic-inference"}]), "associations of type elastic-inference"),
        (a_task(a_container(overrides='{"cpu": 1}')), "nothing but a command"),
        (a_task(a_container(dockerConfig={"hostConfig": "["})), "HostConfigError"),
        (a_task(a_container(healthCheckType="docker")), "DockerClientConfigError"),
        (a_task(a_container(portMappings=[{"containerPortRange": "9-7"}])), "port range 9-7"),
        ({**a_task(), "containers": []}, "no containers"),
    ],
)
def test_what_cannot_run_here_is_told_with_the_reason(hands, task, words):
    hands.give(task)
    assert words in hands.submitted()["reason"]
    assert hands.submitted()["status"] == "STOPPED"
    assert not hands.of(i.Create)


def test_a_manifest_that_is_no_news_is_not_answered(hands):
    hands.give(a_task(), 5)
    assert [type(x) for x in hands.say(acs.MANIFEST, tasks=[], timeline=5)] == [i.Note]


def test_a_manifest_asks_about_what_it_does_not_list_and_stops_nothing(hands):
    hands.run(a_task())
    hands.say(acs.MANIFEST, tasks=[], timeline=6)
    ack, question = (x.message for x in hands.of(i.Send))
    assert ack.type == acs.ACK
    assert [c["taskArn"] for c in question.body["stopCandidates"]] == [TASK]
    assert not hands.of(i.Stop)
    hands.say(acs.STOP_VERIFICATION_ACK, messageId="another", stopTasks=[{"taskArn": TASK}])
    assert not hands.of(i.Stop)
    hands.say(acs.STOP_VERIFICATION_ACK, messageId=question.body["messageId"], stopTasks=[{"taskArn": TASK}])
    assert len(hands.of(i.Stop)) == 1


def test_what_is_asked_about_is_told_as_its_payload_told_it(hands):
    interface = {
        "ec2Id": "eni-1",
        "macAddress": "0a:00:ac:1f:00:04",
        "ipv4Addresses": [{"privateAddress": "172.31.0.4", "primary": True}],
        "subnetGatewayIpv4Address": "172.31.0.1/20",
    }
    known = {"family": "web", "version": "3", "group": "service:web", "elasticNetworkInterfaces": [interface]}
    hands.give(a_task(networkMode="awsvpc", **known))
    hands.say(acs.MANIFEST, tasks=[], timeline=6)
    [question] = [x.message for x in hands.of(i.Send) if x.message.type == acs.STOP_VERIFICATION]
    [told] = question.body["stopCandidates"]
    assert {name: told[name] for name in known} == known


def test_a_manifest_that_lists_everything_asks_nothing(hands):
    hands.run(a_task())
    hands.say(acs.MANIFEST, tasks=[{"taskArn": TASK, "desiredStatus": "RUNNING"}], timeline=6)
    assert [x.message.type for x in hands.of(i.Send)] == [acs.ACK]


def test_containers_go_when_their_time_is_up_and_not_before_the_end_was_accepted(hands):
    hands.run(a_task())
    hands.end()
    hands.now += 1e6
    hands.tell(e.Tick())
    assert not hands.of(i.Remove)
    hands.tell(e.Accepted(task_arn=TASK))
    hands.now += 3 * 3600
    hands.tell(e.Tick())
    assert [r.docker_id for r in hands.of(i.Remove)] == ["docker-main"]
    hands.tell(e.Removed(key=MAIN))
    assert [f.key for f in hands.of(i.Forget)] == [TASK]
    assert hands.engine.tasks == {}


def test_no_more_stopped_tasks_are_kept_than_agreed():
    hands = Hands(stopped_tasks_kept=1)
    for number in range(2):
        task = a_task(arn=f"{TASK}{number}")
        key = Key(task["arn"], "main")
        hands.give(task, number)
        hands.tell(e.Created(key=key, docker_id=f"d{number}"))
        hands.tell(e.StartFailed(key=key, reason="no"))
        hands.now += 1
        hands.tell(e.Accepted(task_arn=task["arn"]))
    assert [r.docker_id for r in hands.of(i.Remove)] == ["d0"]


def test_volumes_of_a_task_go_with_it(hands):
    volumes = [{"name": "scratch", "host": {}}, {"name": "kept", "host": {"sourcePath": "/srv"}}]
    mounts = [
        {"sourceVolume": "scratch", "containerPath": "/tmp"},
        {"sourceVolume": "kept", "containerPath": "/srv", "readOnly": True},
    ]
    task = a_task(a_container(mountPoints=mounts), volumes=volumes)
    hands.give(task)
    (create,) = hands.of(i.Create)
    scratch, kept = create.body["HostConfig"]["Binds"]
    assert scratch.startswith("ecs-web-3-scratch-")
    assert kept == "/srv:/srv:ro"
    hands.tell(e.Created(key=MAIN, docker_id="docker-main"))
    hands.tell(e.Started(key=MAIN))
    hands.tell(e.Accepted(task_arn=TASK))
    hands.end()
    hands.tell(e.Accepted(task_arn=TASK))
    hands.now += 3 * 3600
    hands.tell(e.Tick())
    hands.tell(e.Removed(key=MAIN))
    assert [v.name for v in hands.of(i.RemoveVolume)] == [scratch.split(":")[0]]


def test_docker_is_asked_for_just_what_the_payload_says(hands):
    docker = {
        "config": '{"User": "app", "Labels": {"a": "b"}}',
        "hostConfig": '{"NetworkMode": "bridge", "Init": true}',
    }
    container = a_container(
        command=["serve"],
        entryPoint=["/bin/app"],
        environment={"A": "1", "AWS_REGION": "eu-west-1"},
        cpu=1,
        memory=64,
        dockerConfig=docker,
        overrides='{"command": ["other"]}',
        containerArn="arn:container",
    )
    hands.give(a_task(container))
    (create,) = hands.of(i.Create)
    body = create.body
    assert create.docker_name == "ecs-web-3-main-00000000000000000000"
    assert (body["Image"], body["Cmd"], body["Entrypoint"], body["User"]) == ("web:1", ["other"], ["/bin/app"], "app")
    assert body["HostConfig"] == {"NetworkMode": "bridge", "CpuShares": 2, "Memory": 64 * 2**20, "Init": True}
    assert body["Labels"]["a"] == "b"
    assert body["Labels"]["podium.container-instance"] == INSTANCE
    assert body["Labels"]["com.amazonaws.ecs.task-arn"] == TASK
    environment = dict(pair.split("=", 1) for pair in body["Env"])
    assert environment["AWS_REGION"] == "eu-west-1"
    assert "AWS_DEFAULT_REGION" not in environment
    assert environment["ECS_CONTAINER_METADATA_URI_V4"].startswith("http://169.254.170.2/v4/")


def test_the_limits_of_a_task_hold_for_each_of_its_containers(hands):
    hands.give(a_task(a_container(), a_container("small", memory=16), cpu=0.25, memory=128))
    limits = {c.key.name: c.body["HostConfig"] for c in hands.of(i.Create)}
    assert (limits["main"]["Memory"], limits["small"]["Memory"]) == (128 * 2**20, 16 * 2**20)
    assert all((x["CpuQuota"], x["CpuPeriod"]) == (25_000, 100_000) for x in limits.values())


def test_a_renumbered_instance_tells_of_everything_again(hands):
    hands.run(a_task())
    hands.tell(e.Renumbered(container_instance_arn="arn:new"))
    assert hands.submitted()["status"] == "RUNNING"
    assert [s.sequence for s in hands.of(i.SaveSequence)] == [-1]


def test_a_container_that_ran_is_never_created_again_after_it_vanished(hands):
    hands.run(a_task())
    hands.now += 10
    (look,) = [x for x in hands.tell(e.Tick()) if isinstance(x, i.Look)]
    hands.tell(e.Listed(look=look.number, found=()))
    assert hands.submitted()["containers"][0]["reason"].startswith("ContainerVanishedError")
    assert not hands.of(i.Create)


def test_a_look_that_finds_everything_as_it_was_leaves_its_task_alone(hands):
    hands.run(a_task())
    hands.now += 10
    before = hands.engine.tasks[TASK]
    (look,) = [x for x in hands.tell(e.Tick()) if isinstance(x, i.Look)]
    (container,) = before.containers
    found = e.Found(docker_id=container.docker_id, docker_name=container.docker_name, state="running",
                    task_arn=TASK, container_name="main")  # fmt: skip
    assert hands.tell(e.Listed(look=look.number, found=(found,))) == []
    assert hands.engine.tasks[TASK] is before


def test_nothing_is_asked_of_a_docker_that_does_not_answer(hands):
    hands.tell(e.DockerLost())
    hands.give(a_task())
    assert not hands.of(i.Create)
    (look,) = [x for x in hands.tell(e.DockerBack()) if isinstance(x, i.Look)]
    hands.tell(e.Listed(look=look.number, found=()))
    assert len(hands.of(i.Create)) == 1


@pytest.mark.parametrize(("more", "kept"), [({}, 3 * 3600.0), ({"secrets": [{"name": "x", "valueFrom": "y"}]}, 60.0)])
def test_a_container_with_secrets_is_removed_soon_after_it_stopped(hands, more, kept):
    hands.run(a_task(a_container(**more)))
    hands.end()
    hands.tell(e.Accepted(task_arn=TASK))
    assert hands.engine.tasks[TASK].clean_at == hands.now + kept


def test_what_is_to_be_fetched_goes_along_and_is_not_in_docker_s_body(hands):
    secret, file = {"name": "x", "valueFrom": "y"}, {"type": "s3", "value": "arn:aws:s3:::b/k.env"}
    hands.give(a_task(a_container(secrets=[secret], environmentFiles=[file])))
    (create,) = hands.of(i.Create)
    assert (create.secrets, create.environment_files) == ((secret,), (file,))
    assert not any(pair.startswith("x=") for pair in create.body["Env"])
