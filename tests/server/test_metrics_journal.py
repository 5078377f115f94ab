"""Metrics on a real server: put with the aws CLI, told by a proxy, kept over a kill."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from clients.test_aws_cli import Cli
from podium_protocol import proxy
from server.server_process import Server, refused, running
from waiting import until

pytestmark = pytest.mark.timeout(120)
NAME = "loadbalancer/app/web/0123456789abcdef"
BALANCER = f"arn:aws:elasticloadbalancing:us-east-1:123456789012:{NAME}"


def points(cli: Cli, namespace: str, metric: str, statistic: str, *more: str) -> list[Any]:
    """Of the last hour."""
    now = datetime.now(UTC)
    times = [
        "--start-time",
        (now - timedelta(hours=1)).isoformat(),
        "--end-time",
        (now + timedelta(hours=1)).isoformat(),
    ]
    which = ["--namespace", namespace, "--metric-name", metric, "--statistics", statistic, "--period", "60"]
    found = cli.run("cloudwatch", "get-metric-statistics", *which, *times, *more)
    return [point[statistic] for point in found["Datapoints"]]


@contextmanager
def linked(server: Server) -> Iterator[ClientConnection]:
    headers = server.signed("GET", proxy.PATH, "proxy")
    with connect(server.url.replace("http", "ws") + proxy.PATH, additional_headers=headers) as socket:
        yield socket


def test_what_the_aws_cli_puts_it_reads_again_even_after_a_kill(tmp_path: Path) -> None:
    with running(tmp_path / "data") as server:
        cli = Cli(server)
        put = ["cloudwatch", "put-metric-data", "--namespace", "Demo"]
        cli.run(*put, "--metric-name", "Load", "--value", "7", "--unit", "Percent", "--dimensions", "Host=a")
        data = "MetricName=Load,Values=[1,2,3],Counts=[1,1,2],Unit=Percent,Dimensions=[{Name=Host,Value=b}]"
        cli.run(*put, "--metric-data", data)
        server.end(signal.SIGKILL)
    with running(tmp_path / "data") as server:
        cli = Cli(server)
        assert points(cli, "Demo", "Load", "Sum", "--dimensions", "Name=Host,Value=a") == [7.0]
        assert points(cli, "Demo", "Load", "Average", "--dimensions", "Name=Host,Value=b") == [2.25]
        listed = cli.run("cloudwatch", "list-metrics", "--namespace", "Demo", "--recently-active", "PT3H")
        assert [m["Dimensions"][0]["Value"] for m in listed["Metrics"]] == ["a", "b"]
        refusal = cli.tried(*put, "--metric-name", "Load", "--value", "NaN")
        assert "The value NaN for parameter MetricData.member.1.Value is invalid." in refusal.stderr
        server.end(signal.SIGTERM)


def test_what_a_load_balancer_carried_is_a_metric_of_its_account(tmp_path: Path) -> None:
    sample = proxy.Sample(
        load_balancer=BALANCER,
        metric="RequestCount",
        namespace="AWS/ApplicationELB",
        dimensions={"LoadBalancer": NAME.removeprefix("loadbalancer/")},
        unit="Count",
        at=datetime.now(UTC).timestamp(),
        values=[42.0],
        counts=[1.0],
    )
    with running(tmp_path / "data") as server, linked(server) as socket:
        cli, balancer = Cli(server), f"Name=LoadBalancer,Value={sample['dimensions']['LoadBalancer']}"
        socket.send(proxy.frame(proxy.SAMPLES, {"samples": [sample]}))
        until(
            lambda: points(cli, "AWS/ApplicationELB", "RequestCount", "Sum", "--dimensions", balancer) == [42.0],
            "the metric of the load balancer",
            seconds=30,
        )
        abroad = server.client("cloudwatch", region="eu-west-1")
        assert abroad.list_metrics()["Metrics"] == []


def test_a_reset_forgets_metrics(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--allow-reset") as server:
        cloudwatch = server.client("cloudwatch")
        cloudwatch.put_metric_data(Namespace="Demo", MetricData=[{"MetricName": "Load", "Value": 1}])
        assert len(cloudwatch.list_metrics()["Metrics"]) == 1
        assert server.post("/_podium/reset", b"", server.signed("POST", "/_podium/reset"))[0] == 200
        assert cloudwatch.list_metrics()["Metrics"] == []


def test_metrics_need_not_be_kept(tmp_path: Path) -> None:
    with running(tmp_path / "data", "--metrics", "off") as server:
        refusal = Cli(server).tried("cloudwatch", "list-metrics")
        assert "This Podium was started with --metrics off, so it keeps none." in refusal.stderr
        assert not (tmp_path / "data" / "metrics.db").exists()


def test_a_file_that_holds_no_metrics_is_refused_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "metrics.db").write_text("a diary " * 1000)
    assert "metrics.db cannot be opened for metrics" in refused(tmp_path / "data")
