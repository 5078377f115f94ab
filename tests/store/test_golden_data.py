"""Data directories that earlier versions wrote, opened by this one."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from inprocess import Plane
from podium import acm
from podium.acm.records import Certificate
from podium.iam.records import AccessKey
from podium.server.services import RECORDS
from podium.store.database import FORMAT
from podium.store.sqlite import SqliteDatabase

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
FORMATS = sorted(path.name for path in GOLDEN.glob("format-*"))


@pytest.fixture(params=FORMATS)
def plane(request: pytest.FixtureRequest, tmp_path: Path) -> Plane:
    """A control plane on a copy of the golden data."""
    shutil.copy(GOLDEN / request.param / "podium.db", tmp_path / "podium.db")
    return Plane(database=SqliteDatabase(tmp_path / "podium.db"))


def test_every_format_there_was_has_its_golden_data() -> None:
    assert {name.split("-")[1] for name in FORMATS} == {str(n) for n in range(1, FORMAT + 1)}


def test_every_kind_of_record_is_somewhere(tmp_path: Path) -> None:
    missing = {kind.__name__ for kind in RECORDS}
    for name in FORMATS:
        shutil.copy(GOLDEN / name / "podium.db", tmp_path / f"{name}.db")
        with closing(sqlite3.connect(tmp_path / f"{name}.db")) as database:
            tables = {row[0] for row in database.execute("select name from sqlite_master where type = 'table'")}
            full = {t for t in tables if database.execute(f"select exists (select 1 from {t})").fetchone()[0]}
        missing -= {kind.__name__ for kind in RECORDS if kind.__table__ in full}
    assert missing == set()


def test_what_the_whole_api_left_behind_is_shown(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "format-1-api" / "podium.db", tmp_path / "podium.db")
    plane = Plane(database=SqliteDatabase(tmp_path / "podium.db"))
    ecs, iam = plane.ecs, plane.client("iam")
    assert ecs.describe_capacity_providers(capacityProviders=["hosts"])["capacityProviders"][0]["status"] == "ACTIVE"
    [one] = ecs.describe_task_sets(cluster="default", service="sets")["taskSets"]
    assert one["scale"] == {"value": 0.0, "unit": "PERCENT"}
    assert iam.list_attached_user_policies(UserName="ann")["AttachedPolicies"][0]["PolicyName"] == "reads"
    [key] = iam.list_access_keys(UserName="ann")["AccessKeyMetadata"]
    found = plane.records(AccessKey)[0]
    assert (found.access_key_id, len(plane.sealer.unseal(found.secret, found.arn))) == (key["AccessKeyId"], 40)


def test_an_alarm_is_shown_as_it_was_left(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "format-1-alarms" / "podium.db", tmp_path / "podium.db")
    plane = Plane(database=SqliteDatabase(tmp_path / "podium.db"))
    [alarm] = plane.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert (alarm["StateValue"], alarm["Threshold"]) == ("ALARM", 80.0)
    [service] = plane.ecs.describe_services(services=["watched"])["services"]
    assert service["deployments"][0]["rolloutState"] == "FAILED"


def test_a_network_is_shown_as_it_was_left(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "format-1-network" / "podium.db", tmp_path / "podium.db")
    ec2 = Plane(database=SqliteDatabase(tmp_path / "podium.db")).client("ec2")
    [gateway] = ec2.describe_nat_gateways()["NatGateways"]
    assert gateway["NatGatewayAddresses"][0]["PublicIp"] == "198.18.0.1"
    shown = ec2.describe_network_interfaces()["NetworkInterfaces"]
    assert {one["Status"] for one in shown} == {"in-use"}
    assert len({one["PrivateIpAddress"] for one in shown}) == len(shown) == 2
    tagged = ec2.describe_tags(Filters=[{"Name": "key", "Values": ["team"]}])["Tags"]
    assert [(tag["ResourceType"], tag["Value"]) for tag in tagged] == [("elastic-ip", "größe"), ("subnet", "größe")]


def test_names_are_found_as_they_were_left(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "format-1-names" / "podium.db", tmp_path / "podium.db")
    cloudmap = Plane(database=SqliteDatabase(tmp_path / "podium.db")).client("servicediscovery")
    assert {n["Name"] for n in cloudmap.list_namespaces()["Namespaces"]} == {"local", "example.com", "apps"}
    found = cloudmap.discover_instances(NamespaceName="local", ServiceName="web")
    assert found["InstancesRevision"] == 2
    assert [(one["InstanceId"], one["HealthStatus"]) for one in found["Instances"]] == [("one", "UNHEALTHY")]
    [service] = cloudmap.list_services()["Services"]
    assert service["DnsConfig"]["DnsRecords"] == [{"Type": "A", "TTL": 10}, {"Type": "AAAA", "TTL": 20}]
    assert cloudmap.list_tags_for_resource(ResourceARN=service["Arn"])["Tags"] == [{"Key": "team", "Value": "größe"}]


def test_the_companions_of_a_service_are_shown_as_they_were_left(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "format-1-stack" / "podium.db", tmp_path / "podium.db")
    plane = Plane(database=SqliteDatabase(tmp_path / "podium.db"))
    scaling = plane.client("application-autoscaling")
    [target] = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 2)
    policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    assert {p["PolicyName"]: len(p["Alarms"]) for p in policies} == {"cpu": 2, "steps": 0}
    [night] = scaling.describe_scheduled_actions(ServiceNamespace="ecs")["ScheduledActions"]
    assert night["ScalableTargetAction"] == {"MaxCapacity": 1}
    told = scaling.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"]
    assert {t["Description"][-2:] for t in told} == {"3.", "2."}
    [repository] = plane.client("ecr").describe_repositories()["repositories"]
    assert plane.client("ecr").get_lifecycle_policy(repositoryName=repository["repositoryName"])["lifecyclePolicyText"]
    assert plane.client("logs").describe_log_streams(logGroupName="/ecs/web")["logStreams"]
    assert plane.client("events").list_targets_by_rule(Rule="stopped")["Targets"][0]["Id"] == "again"
    assert "Policy" in plane.client("events").describe_event_bus(Name="orders")
    hourly = plane.client("scheduler").get_schedule(Name="hourly", GroupName="jobs")
    assert hourly["ScheduleExpression"] == "rate(1 hour)"
    assert plane.client("cloudwatch").get_dashboard(DashboardName="web")["DashboardBody"] == '{"widgets": []}'


def test_parameters_and_secrets_open_as_they_were_left(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "format-1-secrets" / "podium.db", tmp_path / "podium.db")
    plane = Plane(database=SqliteDatabase(tmp_path / "podium.db"))
    ssm, secrets = plane.client("ssm"), plane.client("secretsmanager")
    names = ["/web/url", "/web/url:live", "/web/password"]
    told = ssm.get_parameters(Names=names, WithDecryption=True)["Parameters"]
    assert [held["Value"] for held in told] == ["https://example.org", "https://example.com", "hunter2"]
    assert secrets.get_secret_value(SecretId="web/db")["SecretBinary"] == b"hunter3"
    assert secrets.get_secret_value(SecretId="web/db", VersionStage="AWSPREVIOUS")["SecretString"] == "hunter2"
    assert "DeletedDate" in secrets.describe_secret(SecretId="old")
    assert secrets.describe_secret(SecretId="web/db")["RotationEnabled"]
    assert plane.client("kms").describe_key(KeyId="alias/web")["KeyMetadata"]["KeyState"] == "Enabled"


def test_everything_is_shown_as_it_was_left(plane: Plane) -> None:
    ecs = plane.ecs
    [cluster] = ecs.describe_clusters(clusters=["default"], include=["TAGS", "SETTINGS", "CONFIGURATIONS"])["clusters"]
    assert cluster["tags"] == [{"key": "team", "value": "größe"}]
    assert cluster["settings"] == [{"name": "containerInsights", "value": "enabled"}]
    assert cluster["configuration"] == {"executeCommandConfiguration": {"logging": "DEFAULT"}}
    [service] = ecs.describe_services(services=["web"])["services"]
    assert (service["desiredCount"], len(service["deployments"])) == (2, 2)
    assert "(service web) has reached a steady state." in [e["message"] for e in service["events"]]
    assert ecs.describe_task_definition(taskDefinition="old:1")["taskDefinition"]["status"] == "INACTIVE"
    [stopped] = ecs.list_tasks(desiredStatus="STOPPED")["taskArns"]
    [task] = ecs.describe_tasks(tasks=[stopped])["tasks"]
    assert (task["containers"][0]["exitCode"], task["stopCode"]) == (3, "EssentialContainerExited")
    assert len(ecs.list_container_instances()["containerInstanceArns"]) == 3


def test_life_goes_on(plane: Plane) -> None:
    for instance in plane.ecs.list_container_instances()["containerInstanceArns"]:
        plane.connect(instance)
    plane.obey()
    for task in plane.tasks("web"):
        plane.health(task.arn, "HEALTHY")
    plane.settle()
    assert plane.define("web").endswith("/web:3")
    [service] = plane.ecs.describe_services(services=["web"])["services"]
    assert (service["runningCount"], len(service["deployments"])) == (2, 1)


def test_a_load_balancer_is_shown_as_it_was_left(tmp_path: Path) -> None:
    shutil.copy(GOLDEN / "format-1-traffic" / "podium.db", tmp_path / "podium.db")
    plane = Plane(database=SqliteDatabase(tmp_path / "podium.db"))
    elb = plane.client("elbv2")
    [balancer] = elb.describe_load_balancers(Names=["my-load-balancer"])["LoadBalancers"]
    assert balancer["State"] == {"Code": "active"}
    found = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    assert {held["Port"]: held["Protocol"] for held in found} == {80: "HTTP", 443: "HTTPS"}
    [certificate] = plane.records(Certificate)
    assert certificate.used_by
    assert "PRIVATE KEY" in acm.material(plane.core.store.reading(), plane.sealer, certificate.arn)[1]
