"""Podium as a container beside an engine whose network is out of reach, driven by the plain aws CLI."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import boto3
import pytest

from cli.command_line import THE_REAL_ONE, CommandLine
from docker.engine_elsewhere import EngineElsewhere
from docker.images import tiny
from podium.launch import running
from podium.launch.in_docker import box
from podium.launch.lock import is_held
from podium.launch.paths import DataDir
from waiting import until

AWS = Path(sys.executable).parent / "aws"
SERVES = (
    "trap 'exit 0' TERM; echo hello; mkdir /www; echo here >/www/index.html; httpd -p 80 -h /www; "
    "while true; do sleep 0.1; done"
)

pytestmark = pytest.mark.timeout(300)  # on a fresh machine the image is made first


@pytest.fixture(scope="module")
def engine():
    folder = Path(tempfile.mkdtemp(prefix="podium-engine-"))  # a socket's path has to be short
    engine = EngineElsewhere(folder)
    try:
        engine.load_images()
        yield engine
    finally:
        engine.close()
        shutil.rmtree(folder)


class Boxed(CommandLine):
    """A Podium in a container of the engine elsewhere, and the aws CLI here."""

    def __init__(self, folder, engine):
        super().__init__(folder / "data", folder, program=THE_REAL_ONE, docker_host=engine.host)
        self.engine = engine
        self.paths = DataDir(root=self.data_dir)

    def up(self, *words):
        socket = ("--docker-socket", str(self.engine.socket))
        started = self("up", "--in-docker", "--detach", "--port", "0", *socket, *words)
        assert started.returncode == 0, started.stderr
        return started.stdout

    def aws(self, *words):
        """The plain aws CLI, pointed there by `podium env` alone."""
        exported = [line for line in self("env").stdout.splitlines() if line.startswith("export ")]
        pairs = (line.removeprefix("export ").split("=", 1) for line in exported)
        own = {name: value.strip("'") for name, value in pairs}
        nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_PAGER": ""}
        command = [AWS, *words, "--output", "json"]
        done = subprocess.run(command, env=os.environ | nowhere | own, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "null")

    def sdk(self, service):
        key = running.key(self.paths)
        return boto3.client(
            service,
            endpoint_url=box.read(self.paths).url,
            region_name="us-east-1",
            aws_access_key_id=key.access_key_id,
            aws_secret_access_key=key.secret_access_key,
        )

    def define(self, family, network, compatible):
        container = {"name": "web", "image": tiny(), "memory": 32, "command": ["sh", "-c", SERVES]}
        self.sdk("ecs").register_task_definition(
            family=family,
            networkMode=network,
            requiresCompatibilities=[compatible],
            cpu="256",
            memory="512",
            containerDefinitions=[container | {"portMappings": [{"containerPort": 80}]}],
        )

    def run(self, family, network="bridge", compatible="EC2", where=()):
        """The ARN of a task of one web server."""
        self.define(family, network, compatible)
        ran = self.aws("ecs", "run-task", "--task-definition", family, "--launch-type", compatible, *where)
        assert ran["failures"] == []
        return ran["tasks"][0]["taskArn"]

    def running(self, arn):
        ecs = self.sdk("ecs")

        def task():
            return ecs.describe_tasks(tasks=[arn])["tasks"][0]

        until(lambda: task()["lastStatus"] == "RUNNING", f"{arn} to run")
        return task()

    def open_network(self):
        """Options of `aws ecs run-task`: a subnet, and a security group that lets everyone in at port 80."""
        ec2 = self.sdk("ec2")
        subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
        group = ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=group, IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0"
        )
        return ("--network-configuration", f"awsvpcConfiguration={{subnets=[{subnet}],securityGroups=[{group}]}}")

    def containers(self):
        return self.engine("ps", "-a", "--format", "{{.Names}} {{.Status}}").splitlines()

    def close(self):
        super().close()
        self("down")
        if known := box.read(self.paths):
            self.engine("volume", "rm", known.name)


@pytest.fixture
def boxed(tmp_path, engine):
    boxed = Boxed(tmp_path, engine)
    yield boxed
    boxed.close()


def fetched(engine, url):
    ask = f"import urllib.request as r; print(r.urlopen({url!r}, timeout=2).read().decode())"
    return until(lambda: engine.inside(sys.executable, "-c", ask, must=False).strip(), url)


def test_tasks_of_every_network_run_and_nothing_is_left_of_them(boxed, engine):
    before = engine.inside("nft", "list", "tables")
    said = boxed.up()
    assert "1 container instance in its own network" in said
    assert stat.S_IMODE(boxed.paths.credentials.stat().st_mode) == 0o600

    where = boxed.open_network()
    bridge = boxed.run("bridge")
    alone = [boxed.run("own", "awsvpc", "EC2", where), boxed.run("fargate", "awsvpc", "FARGATE", where)]

    port = boxed.running(bridge)["containers"][0]["networkBindings"][0]["hostPort"]
    assert fetched(engine, f"http://127.0.0.1:{port}/") == "here"
    for arn in alone:
        address = boxed.running(arn)["containers"][0]["networkInterfaces"][0]["privateIpv4Address"]
        assert fetched(engine, f"http://{address}/") == "here"
    for arn in (bridge, *alone):
        container = boxed.running(arn)["containers"][0]["runtimeId"]
        ask = "until wget -qO- $ECS_CONTAINER_METADATA_URI_V4/task; do sleep 0.1; done"
        told = json.loads(engine("exec", container, "sh", "-c", ask))
        assert told["TaskARN"] == arn
    assert boxed("logs", bridge).stdout == "hello\n"
    told = boxed.status()
    assert [process["name"] for process in told["processes"]] == [f"container {box.read(boxed.paths).name}"]
    assert told["engine"]["host"] == engine.host

    ended = boxed("down")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith("Podium has ended; 3 tasks stopped.\n")
    assert boxed.containers() == []
    assert not is_held(boxed.paths.door_lock)
    assert engine.inside("nft", "list", "tables") == before
    links = [link["ifname"] for link in json.loads(engine.inside("ip", "-json", "link"))]
    assert sorted(links) == ["docker0", "lo"]


def test_records_and_tasks_outlive_the_container(boxed):
    boxed.up()
    arn = boxed.run("lasting")
    before = boxed.running(arn)["containers"][0]["runtimeId"]
    assert boxed("down", "--leave-tasks").returncode == 0
    assert len(boxed.containers()) == 1
    url = box.read(boxed.paths).url
    boxed.up()
    assert box.read(boxed.paths).url == url
    assert boxed.running(arn)["containers"][0]["runtimeId"] == before


def test_a_door_that_was_killed_is_opened_again_by_the_next_up(boxed):
    boxed.up()
    container = boxed.containers()
    os.kill(int(boxed.paths.door_lock.read_text()), signal.SIGKILL)
    until(lambda: boxed("status").returncode == 1, "nothing to answer")
    boxed.up()
    assert [name.split()[0] for name in boxed.containers()] == [name.split()[0] for name in container]
    assert boxed("status").returncode == 0
    again = boxed("up", "--in-docker", "--detach")
    assert "already running in container" in again.stderr


def test_a_foreground_podium_in_a_container_ends_with_ctrl_c_and_leaves_nothing(boxed):
    up = boxed.start("up", "--in-docker", "--port", "0", "--docker-socket", str(boxed.engine.socket))
    assert "is ready at" in up.stdout.readline()
    boxed.running(boxed.run("short"))
    up.send_signal(signal.SIGINT)
    said, _ = up.communicate(timeout=60)
    assert (up.returncode, "Podium has ended; 1 task stopped." in said) == (0, True)
    until(lambda: boxed.containers() == [], "the engine to remove the container that ended")


def test_an_engine_without_the_image_is_told_how_to_get_it(boxed):
    refused = boxed("up", "--in-docker", "--detach", "--port", "0", "--image", "podium/podium:absent")
    assert refused.returncode == 1
    assert "has no image podium/podium:absent. `make image`" in refused.stderr
    assert boxed.containers() == []
