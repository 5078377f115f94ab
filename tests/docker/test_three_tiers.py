"""The picture that every tutorial draws, on real containers: by plain aws CLI, and by Terraform.

Internet-facing load balancer, frontend on Fargate, internal load balancer, backend on instances, PostgreSQL with a
volume and a stable name, and a task that reads it beside them.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clients.test_terraform import PLUGINS, say_so
from docker.agents import docker
from docker.asking import answer
from docker.postgres import postgres
from docker.test_traffic import Traffic
from waiting import until

pytestmark = pytest.mark.timeout(300)

HERE = Path(__file__).parent
VOLUME = "podium-test-shop"
COUNTS = """\
mkdir -p /www/cgi-bin
cat >/www/cgi-bin/visits <<'END'
#!/bin/sh
echo 'Content-Type: text/plain'
echo
psql -h db.shop.local -U postgres -Atqc 'create table if not exists visits (at timestamptz default now());
insert into visits default values; select count(*) from visits'
END
chmod +x /www/cgi-bin/visits
echo ok >/www/healthz
exec httpd -f -p 8080 -h /www"""
ASKS = """\
mkdir -p /www/cgi-bin
cat >/www/cgi-bin/index <<END
#!/bin/sh
echo 'Content-Type: text/plain'
echo
wget -qO- http://$BACKEND/cgi-bin/visits
END
chmod +x /www/cgi-bin/index
echo ok >/www/healthz
exec httpd -f -p 8080 -h /www"""
READS = ["psql", "-h", "db.shop.local", "-U", "postgres", "-Atqc", "select count(*) from visits"]
CHECKED = ("--health-check-path", "/healthz")


class Shop(Traffic):
    def visits(self) -> int:
        """One more, by way of both load balancers."""

        def counted() -> str:
            got = answer(self.url("frontend").rstrip("/") + "/cgi-bin/index")
            return got if got.isdigit() else ""

        return int(until(counted, "the frontend to answer through the backend", every=0.1))

    def database(self) -> list[str]:
        return list(self.aws("ecs", "list-tasks", "--service-name", "db", "--desired-status", "RUNNING")["taskArns"])

    def batch(self, family: str) -> str:
        """What a one-off task read."""
        arn = self.run(family, {"subnets": self.subnets()[:1]}, "--launch-type", "FARGATE")
        until(lambda: self.task(arn)["lastStatus"] == "STOPPED", "the batch to end")
        assert self.task(arn)["containers"][0]["exitCode"] == 0
        return self.podium("logs", arn).strip()

    def check(self) -> None:
        """All tiers work, and the database keeps its rows when its task is replaced."""
        first = self.visits()
        second = self.visits()
        assert second > first  # a visit that was answered too late counts, too, and is made again
        assert int(self.batch("report")) >= second
        [old] = self.database()
        self.aws("ecs", "stop-task", "--task", old)
        until(lambda: (new := self.database()) and old not in new, "another database")
        self.completed("db")
        assert self.visits() > second


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    postgres()
    docker("volume", "rm", "-f", VOLUME)  # of a run that was killed: PostgreSQL does not start on half a database
    shop = Shop(tmp_path)
    yield shop
    shop.podium("down")
    docker("volume", "rm", "-f", VOLUME)


def container(name: str, **members: Any) -> dict[str, Any]:
    return {"name": name, "image": postgres(), "stopTimeout": 5, **members}


def served(script: str, **members: Any) -> dict[str, Any]:
    return container("app", command=["sh", "-c", script], portMappings=[{"containerPort": 8080}], **members)


def test_by_the_aws_cli(shop):
    database(shop)
    shop.aws(
        *("ecs", "register-task-definition", "--family", "backend"),
        *("--container-definitions", json.dumps([served(COUNTS, memory=64)])),
    )
    inner = shop.target_group("backend", *CHECKED, kind="instance")
    internal = shop.balance("backend", inner, "--scheme", "internal")
    shop.aws(
        *("ecs", "create-service", "--service-name", "backend", "--task-definition", "backend"),
        *("--desired-count", "2", "--load-balancers", f"targetGroupArn={inner},containerName=app,containerPort=8080"),
    )
    known = [{"name": "BACKEND", "value": internal["DNSName"]}]
    shop.define("frontend", served(ASKS, environment=known))
    outer = shop.target_group("frontend", *CHECKED)
    shop.balance("frontend", outer)
    shop.serve("frontend", outer, 2)
    shop.completed("backend")
    shop.define("report", container("report", command=READS))
    assert internal["DNSName"].startswith("internal-backend-")
    shop.check()


def database(shop: Shop) -> None:
    """A service of one task that is found as db.shop.local, with a Docker volume that outlives it."""
    vpc = shop.aws("ec2", "describe-vpcs")["Vpcs"][0]["VpcId"]
    shop.aws("servicediscovery", "create-private-dns-namespace", "--name", "shop.local", "--vpc", vpc)
    found = shop.aws("servicediscovery", "list-namespaces")["Namespaces"][0]["Id"]
    records = json.dumps({"DnsRecords": [{"Type": "A", "TTL": 5}]})
    registry = shop.aws(
        *("servicediscovery", "create-service", "--name", "db", "--namespace-id", found, "--dns-config", records),
        *("--health-check-custom-config", "FailureThreshold=1"),
    )["Service"]["Arn"]
    mounts = [{"sourceVolume": VOLUME, "containerPath": "/var/lib/postgresql/data"}]
    ready = {"command": ["CMD", "psql", "-h", "127.0.0.1", "-U", "postgres", "-c", "select 1"], "interval": 5}
    volume = {"scope": "shared", "autoprovision": True}
    shop.define(
        "db",
        container("db", mountPoints=mounts, healthCheck=ready, portMappings=[{"containerPort": 5432}]),
        volumes=[{"name": VOLUME, "dockerVolumeConfiguration": volume}],
    )
    group = shop.aws("ec2", "create-security-group", "--group-name", "db", "--description", "db", "--vpc-id", vpc)
    shop.aws(
        *("ec2", "authorize-security-group-ingress", "--group-id", group["GroupId"]),
        *("--protocol", "tcp", "--port", "5432", "--cidr", "0.0.0.0/0"),
    )
    placed = {"subnets": shop.subnets()[:1], "securityGroups": [group["GroupId"]]}
    network = json.dumps({"awsvpcConfiguration": placed})
    shop.aws(
        *("ecs", "create-service", "--service-name", "db", "--task-definition", "db", "--desired-count", "1"),
        *("--network-configuration", network, "--service-registries", f"registryArn={registry}"),
        *("--deployment-configuration", "minimumHealthyPercent=0,maximumPercent=100"),
    )
    shop.completed("db")


def test_by_terraform(shop, tmp_path, capsys):
    if shutil.which("terraform") is None or not PLUGINS.exists():
        assert not os.environ.get("CI"), "Terraform and its AWS provider are missing"
        say_so(capsys)
        return
    place = tmp_path / "place"
    shutil.copytree(HERE / "shop", place)
    told = {"endpoint": shop.environment["AWS_ENDPOINT_URL"], "image": postgres()}
    told |= {"counts": COUNTS, "asks": ASKS.replace("$BACKEND", "${backend}"), "reads": json.dumps(READS)}

    def terraform(*words: str) -> str:
        environment = {
            **shop.environment,
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
            "TF_DATA_DIR": str(place / "d"),
        }
        environment |= {f"TF_VAR_{name}": value for name, value in told.items()}
        command = ["terraform", *words, "-no-color"]
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    terraform("init", "-input=false", f"-plugin-dir={PLUGINS}")
    terraform("apply", "-auto-approve", "-input=false")
    terraform("plan", "-detailed-exitcode", "-input=false")
    shop.check()
    terraform("destroy", "-auto-approve", "-input=false")
