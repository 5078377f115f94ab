"""What is described is what was created, with what was updated in its place."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from inprocess import Plane

law = settings(max_examples=examples(20), deadline=None)
words = st.text("abcXYZ019-_", min_size=1, max_size=8)
keys = (
    st.text("abc XYZ-_./:=+@", min_size=1, max_size=8)
    .map(str.strip)
    .filter(lambda key: key and not key.lower().startswith("aws:"))
)
tags = st.dictionaries(keys, words, max_size=4)
volumes = ("data", "logs")

containers = st.fixed_dictionaries(
    {"image": words, "memory": st.integers(6, 4096)},
    optional={
        "cpu": st.integers(0, 1024),
        "command": st.lists(words, min_size=1, max_size=3),
        "entryPoint": st.lists(words, min_size=1, max_size=2),
        "environment": st.lists(st.fixed_dictionaries({"name": words, "value": words}), max_size=3),
        "portMappings": st.lists(st.integers(1, 65535), max_size=3, unique=True).map(
            lambda ports: [{"containerPort": port} for port in ports]
        ),
        "mountPoints": st.lists(
            st.fixed_dictionaries(
                {"sourceVolume": st.sampled_from(volumes), "containerPath": words.map("/{}".format)},
                optional={"readOnly": st.booleans()},
            ),
            max_size=2,
        ),
        "healthCheck": st.fixed_dictionaries(
            {"command": words.map(lambda word: ["CMD-SHELL", word])},
            optional={"interval": st.integers(5, 300), "timeout": st.integers(2, 60), "retries": st.integers(1, 10)},
        ),
        "stopTimeout": st.integers(2, 120),
        "dockerLabels": st.dictionaries(words, words, max_size=2),
        "ulimits": st.just([{"name": "nofile", "softLimit": 1024, "hardLimit": 4096}]),
        "linuxParameters": st.fixed_dictionaries({}, optional={"initProcessEnabled": st.booleans()}),
        "readonlyRootFilesystem": st.booleans(),
        "user": words,
        "workingDirectory": words.map("/{}".format),
        "restartPolicy": st.just({"enabled": True, "ignoredExitCodes": [0]}),
    },
)
definitions = st.fixed_dictionaries(
    {"containerDefinitions": st.lists(containers, min_size=1, max_size=3)},
    optional={
        "networkMode": st.sampled_from(["bridge", "host", "awsvpc"]),
        "taskRoleArn": words.map("arn:aws:iam::123456789012:role/{}".format),
        "pidMode": st.sampled_from(["host", "task"]),
        "runtimePlatform": st.just({"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}),
    },
)


def without(plane: Plane, described: dict[str, Any]) -> dict[str, Any]:
    """Of what a definition shows, what RegisterTaskDefinition takes."""
    shape = plane.ecs.meta.service_model.operation_model("RegisterTaskDefinition").input_shape
    return {name: value for name, value in described.items() if name in shape.members}


@law
@given(definitions)
def test_a_definition_registered_as_it_is_described_is_the_same(document: dict[str, Any]) -> None:
    """Terraform and the CDK see a change where it is not."""
    plane = Plane()
    named = [{"name": f"c{n}", **c} for n, c in enumerate(document["containerDefinitions"])]
    ports: set[int] = set()
    for container in named:  # in host and awsvpc mode a port is the task's
        mapped = [m for m in container.get("portMappings", []) if m["containerPort"] not in ports]
        ports |= {m["containerPort"] for m in mapped}
        container |= {"portMappings": mapped} if "portMappings" in container else {}
    request = {**document, "containerDefinitions": named, "volumes": [{"name": v, "host": {}} for v in volumes]}
    first = plane.ecs.register_task_definition(family="f", **request)["taskDefinition"]
    assert plane.ecs.describe_task_definition(taskDefinition="f:1")["taskDefinition"] == first
    for member, value in request.items():
        if member != "containerDefinitions":
            assert first[member] == value
    for given_, shown in zip(named, first["containerDefinitions"], strict=True):
        told = {
            name: value
            for name, value in given_.items()
            if name not in ("portMappings", "healthCheck", "restartPolicy")
        }
        assert {name: shown[name] for name in told} == told
    second = plane.ecs.register_task_definition(**without(plane, first))["taskDefinition"]
    same = {"revision", "taskDefinitionArn", "registeredAt"}
    assert {k: v for k, v in second.items() if k not in same} == {k: v for k, v in first.items() if k not in same}


services = st.fixed_dictionaries(
    {"desiredCount": st.integers(0, 4)},
    optional={
        "deploymentConfiguration": st.tuples(st.integers(0, 99), st.integers(100, 300)).map(
            lambda pair: {"minimumHealthyPercent": pair[0], "maximumPercent": pair[1]}
        ),
        "placementStrategy": st.lists(
            st.sampled_from(
                [{"type": "random"}, {"type": "binpack", "field": "cpu"}, {"type": "spread", "field": "instanceId"}]
            ),
            max_size=3,
        ),
        "placementConstraints": st.sampled_from([[], [{"type": "distinctInstance"}]]),
        "enableECSManagedTags": st.booleans(),
        "propagateTags": st.sampled_from(["TASK_DEFINITION", "SERVICE", "NONE"]),
        "availabilityZoneRebalancing": st.just("DISABLED"),
    },
)


@law
@given(services, services, tags)
def test_a_service_shows_what_was_asked_and_then_what_was_changed(
    created: dict[str, Any], updated: dict[str, Any], tagged: dict[str, str]
) -> None:
    plane = Plane()
    plane.ready()
    labels = [{"key": key, "value": value} for key, value in tagged.items()]
    plane.ecs.create_service(serviceName="web", taskDefinition="web", tags=labels, **created)
    _shows(plane, created, tagged)
    plane.ecs.update_service(service="web", **updated)
    _shows(plane, {**created, **updated}, tagged)


def _shows(plane: Plane, wanted: dict[str, Any], tagged: dict[str, str]) -> None:
    [shown] = plane.ecs.describe_services(services=["web"], include=["TAGS"])["services"]
    assert {t["key"]: t["value"] for t in shown["tags"]} == tagged
    for member, value in wanted.items():
        told = shown[member]
        assert told == value or {k: told[k] for k in value} == value, member


@law
@given(st.lists(st.tuples(st.booleans(), tags), max_size=5))
def test_tags_are_a_dictionary(steps: list[tuple[bool, dict[str, str]]]) -> None:
    plane = Plane()
    arn = plane.ecs.create_cluster()["cluster"]["clusterArn"]
    held: dict[str, str] = {}
    for adds, tagged in steps:
        if adds:
            plane.ecs.tag_resource(resourceArn=arn, tags=[{"key": k, "value": v} for k, v in tagged.items()])
            held |= tagged
        else:
            plane.ecs.untag_resource(resourceArn=arn, tagKeys=list(tagged))
            held = {k: v for k, v in held.items() if k not in tagged}
        shown = plane.ecs.list_tags_for_resource(resourceArn=arn)["tags"]
        assert {t["key"]: t["value"] for t in shown} == held


statements = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Action": st.lists(st.sampled_from(["ecs:*", "ecs:RunTask", "iam:PassRole"]), min_size=1, max_size=2),
        "Resource": st.sampled_from(["*", "arn:aws:ecs:*:*:cluster/é"]),
    }
)


@law
@given(st.lists(statements, min_size=1, max_size=3), st.text(max_size=20), st.integers(3600, 43200), tags)
def test_a_role_and_its_policies_come_back_as_they_went_in(
    given_: list[dict[str, Any]], description: str, seconds: int, tagged: dict[str, str]
) -> None:
    plane = Plane()
    iam = plane.client("iam")
    tasks = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [tasks]}
    said = "".join(letter for letter in description if letter.isascii() and letter.isprintable())
    document = {"Version": "2012-10-17", "Statement": given_}
    iam.create_role(
        RoleName="r",
        AssumeRolePolicyDocument=json.dumps(trust),
        Description=said,
        MaxSessionDuration=seconds,
        Tags=[{"Key": k, "Value": v} for k, v in {k.lower(): v for k, v in tagged.items()}.items()],
    )
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=json.dumps(document))
    shown = iam.get_role(RoleName="r")["Role"]
    assert (shown.get("Description", ""), shown["MaxSessionDuration"]) == (said, seconds)
    assert shown["AssumeRolePolicyDocument"] == trust
    assert {t["Key"]: t["Value"] for t in shown.get("Tags", [])} == {k.lower(): v for k, v in tagged.items()}
    assert iam.get_role_policy(RoleName="r", PolicyName="p")["PolicyDocument"] == document
