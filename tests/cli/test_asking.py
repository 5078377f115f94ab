"""status, env, aws and logs."""

import json
import os
import shlex
import subprocess
import sys

import pytest

from cli.docker_engine import a_docker_engine, frame
from podium.cli import environment
from podium.cli.frames import lines

EXPORTS = [
    "AWS_ENDPOINT_URL",
    "AWS_DISABLE_HOST_PREFIX_INJECTION",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
]


def test_status_is_one_json_object_with_members_that_stay(running):
    told = running.status()
    assert set(told) == {
        *("running", "dataDir", "engine", "url", "version", "account", "region", "startedAt", "uptimeSeconds"),
        *("processes", "clusters", "containerInstances", "services", "tasks", "strangers", "traffic"),
    }
    assert [process["name"] for process in told["processes"]] == ["supervisor", "server", "proxy", "agent-1"]
    assert told["clusters"][0]["name"] == "default"
    assert told["engine"]["answers"] is False


def test_status_for_people_names_the_url_and_what_docker_says(running):
    shown = running("status")
    assert shown.returncode == 0
    assert running.status()["url"] in shown.stdout
    assert "There is no Docker Engine" in shown.stdout
    assert "No task runs." in shown.stdout


def test_status_without_a_podium_says_how_to_start_one(podium):
    shown = podium("status")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "podium up --detach" in shown.stderr
    assert podium.status()["running"] is False


def test_env_prints_exactly_the_lines_that_shells_and_programs_expect(running):
    told = running("env")
    assert told.returncode == 0
    assert [line.split("=")[0] for line in told.stdout.splitlines()[:-1]] == [f"export {name}" for name in EXPORTS]
    assert all(line.endswith("'") and "='" in line for line in told.stdout.splitlines()[:-1])
    assert told.stdout.splitlines()[-1] == "unset AWS_SESSION_TOKEN AWS_PROFILE"


def test_an_operation_that_aws_serves_under_another_host_name_is_asked_of_podium(running):
    ask = "import boto3; boto3.client('servicediscovery').discover_instances(NamespaceName='no', ServiceName='web')"
    script = f'{running("env").stdout}\n{sys.executable} -c "{ask}"'
    shell = subprocess.run(["sh", "-c", script], capture_output=True, text=True)
    assert (shell.returncode, shell.stderr) == (0, "")


def test_a_shell_that_evals_env_knows_this_podium_and_no_profile(running):
    script = f"{running('env').stdout}\nenv"
    hostile = {"AWS_PROFILE": "production", "AWS_SESSION_TOKEN": "x", "AWS_ENDPOINT_URL": "https://aws"}
    shell = subprocess.run(["sh", "-c", script], env=os.environ | hostile, capture_output=True, text=True, check=True)
    seen = dict(line.split("=", 1) for line in shell.stdout.splitlines() if line.startswith("AWS_"))
    assert seen["AWS_ENDPOINT_URL"] == running.status()["url"]
    assert seen["AWS_SECRET_ACCESS_KEY"] == "a-secret-key"
    assert {"AWS_PROFILE", "AWS_SESSION_TOKEN"}.isdisjoint(seen)


def test_env_without_a_podium_prints_nothing_to_eval(podium):
    told = podium("env")
    assert (told.returncode, told.stdout) == (1, "")
    assert "podium up" in told.stderr


def test_env_warns_of_an_aws_cli_that_would_call_the_real_aws(running, tmp_path):
    old = an_aws(tmp_path, "aws-cli/2.9.19 Python/3.11.2 Linux/6.1 source/x86_64.debian.12")
    told = running("env", PATH=f"{old}:{os.environ['PATH']}")
    assert "# The aws on your path (aws-cli/2.9.19) ignores AWS_ENDPOINT_URL" in told.stderr
    assert "#" not in told.stdout
    new = an_aws(tmp_path, "aws-cli/1.46.3 Python/3.11.2 Linux/6.1 botocore/1.43.62")
    assert running("env", PATH=f"{new}:{os.environ['PATH']}").stderr == ""


def an_aws(folder, version):
    program = folder / "aws"
    program.write_text(f"#!/bin/sh\necho {shlex.quote(version)}\n")
    program.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("version", "reads"),
    [
        ("aws-cli/1.28.9", False),
        ("aws-cli/1.29.0", True),
        ("aws-cli/2.9.19", False),
        ("aws-cli/2.12.7", False),
        ("aws-cli/2.13.0", True),
        ("aws-cli/2.31.1", True),
        ("aws-cli/3.0.0", True),
        ("gibberish", False),
    ],
)
def test_which_aws_cli_reads_the_endpoint_variable(version, reads):
    assert environment.reads_endpoint_variable(version) is reads


def test_the_aws_cli_talks_to_this_podium_whatever_the_users_own_settings_say(running, tmp_path, parts):
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / "config").write_text(
        "[profile production]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:1\n"
    )
    hostile = {
        "AWS_PROFILE": "production",
        "AWS_ENDPOINT_URL_ECS": "http://127.0.0.1:1",
        "HTTP_PROXY": "http://127.0.0.1:1",
    }
    told = running("aws", "ecs", "list-clusters", "--query", "clusterArns[0]", "--output", "text", **hostile)
    assert told.stdout == "arn:aws:ecs:us-east-1:123456789012:cluster/default\n", told.stderr
    name, _, credential = parts.asked()[-1]
    assert (name, "/us-east-1/ecs/" in credential) == ("ListClusters", True)


def test_the_aws_clis_exit_code_and_its_options_are_its_own(running):
    assert running("aws", "--version").stdout.startswith("aws-cli/")
    assert running("aws", "ecs", "no-such-command").returncode == 2


def a_container(identity, task, name, instance="arn:instance/1"):
    return {
        "Id": identity,
        "Names": [f"/ecs-{name}"],
        "Labels": {
            "com.amazonaws.ecs.task-arn": f"arn:aws:ecs:us-east-1:123456789012:task/default/{task}",
            "com.amazonaws.ecs.container-name": name,
            "podium.container-instance": instance,
        },
    }


def at(second):
    return b"2026-01-01T00:00:%02dZ " % second


@pytest.fixture
def engine(tmp_path):
    containers = [
        a_container("one", "aaaa1111", "web"),
        a_container("two", "aaaa1111", "sidecar"),
        a_container("three", "aaaa2222", "web"),
        a_container("four", "bbbb3333", "web", instance="arn:instance/of-another-podium"),
    ]
    written = {
        "one": frame(1, at(1) + b"hello\n" + at(3) + b"wor") + frame(2, at(2) + b"oh\n") + frame(1, b"ld\n"),
        "two": frame(1, b"2026-01-01T00:00:02.5Z beside"),
        "three": frame(1, b"lonely\n"),
        "four": frame(1, b"not yours\n"),
    }
    with a_docker_engine(tmp_path / "docker.sock", containers, written):
        yield f"unix://{tmp_path}/docker.sock"


def test_logs_of_a_task_with_one_container_are_as_written(running, engine):
    assert running("logs", "aaaa2", "--docker-host", engine).stdout == "lonely\n"


def test_lines_of_several_containers_come_in_order_and_name_their_own(running, engine):
    shown = running("logs", "arn:aws:ecs:us-east-1:123456789012:task/default/aaaa1111", "--docker-host", engine)
    assert shown.stdout == "web | hello\nweb | oh\nsidecar | beside\nweb | world\n"


def test_following_ends_with_the_containers(running, engine):
    shown = running("logs", "aaaa1111", "--follow", "--docker-host", engine)
    assert sorted(shown.stdout.splitlines()) == ["sidecar | beside", "web | hello", "web | oh", "web | world"]


def test_a_beginning_that_fits_two_tasks_is_refused(running, engine):
    shown = running("logs", "aaaa", "--docker-host", engine)
    assert (shown.returncode, "aaaa1111, aaaa2222" in shown.stderr) == (1, True)


def test_another_podiums_containers_are_not_shown(running, engine):
    shown = running("logs", "bbbb3333", "--docker-host", engine)
    assert (shown.returncode, shown.stdout) == (1, "")
    assert "No container of a task or service bbbb3333" in shown.stderr


def test_logs_without_docker_say_what_to_do(running):
    shown = running("logs", "aaaa")
    assert shown.returncode == 1
    assert "There is no Docker Engine" in shown.stderr


def test_a_terminals_output_has_no_frames():
    assert list(lines([b"plain text\nof a ", b"terminal"])) == [b"plain text\n", b"of a terminal\n"]


def test_events_are_printed_a_line_each_and_as_eventbridge_has_them(running):
    shown = running("events")
    assert shown.stdout.split() == [
        *("12:00:00", "Task", "State", "Change", "task/default/1", "RUNNING", "(to", "be", "STOPPED)"),
        *("Task", "stopped", "by", "user"),
    ]
    [line] = running("events", "--json", "--type", "task").stdout.splitlines()
    assert json.loads(line)["detail-type"] == "ECS Task State Change"


def test_events_of_a_strange_period_are_refused(running):
    refused = running("events", "--since", "yesterday")
    assert refused.returncode == 1
    assert "takes a number and a unit" in refused.stderr


def test_interrupt_wants_to_know_what(running):
    refused = running("interrupt")
    assert refused.returncode == 1
    assert "Say which: tasks, --host INSTANCE, or --share PERCENT." in refused.stderr
