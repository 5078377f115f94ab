"""Makes tests/golden/format-<n>/podium.db: the data directory of a Podium that has lived a little.

Run it once for every new format number, and never again for an old one: later versions must go on
opening what earlier ones wrote. `PYTHONPATH=src:tests .venv/bin/python tests/golden/make.py`
"""

from pathlib import Path

from inprocess import BEGINNING, Plane
from podium.ecs.acs import links
from podium.store.database import FORMAT
from podium.store.sqlite import SqliteDatabase

HERE = Path(__file__).parent
LOST = "arn:aws:ecs:us-east-1:123456789012:task/default/" + "f" * 32


def main() -> None:
    path = HERE / f"format-{FORMAT}" / "podium.db"
    assert not path.exists(), f"{path} is there; what was released does not change"
    path.parent.mkdir()
    plane = Plane(database=SqliteDatabase(path))
    live(plane)
    plane.database.close()  # folds the log into the one file
    print(path, path.stat().st_size)  # noqa: T201


def live(plane: Plane) -> None:
    """Every kind of record, some with all their members, some with few."""
    plane.ecs.create_cluster(
        clusterName="default",
        tags=[{"key": "team", "value": "größe"}],
        settings=[{"name": "containerInsights", "value": "enabled"}],
        configuration={"executeCommandConfiguration": {"logging": "DEFAULT"}},
        serviceConnectDefaults={"namespace": "internal"},
    )
    plane.ecs.create_cluster(clusterName="gone")
    plane.ecs.delete_cluster(cluster="gone")
    instance, *_ = plane.join(instances=3)
    plane.ecs.put_attributes(attributes=[{"name": "stack", "value": "prod", "targetId": instance}])
    check = {"healthCheck": {"command": ["CMD", "true"]}, "portMappings": [{"containerPort": 80, "hostPort": 8080}]}
    plane.define("web", check, {"name": "side", "essential": False, "memoryReservation": 32})
    plane.define("web", {"environment": [{"name": "A", "value": "1"}]}, cpu="256", memory="512")
    plane.define("old")
    plane.ecs.deregister_task_definition(taskDefinition="old:1")
    breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
    plane.serve("web", desired=2, deploymentConfiguration=breaker, tags=[{"key": "a", "value": "1"}])
    plane.settle()
    plane.ecs.update_service(service="web", forceNewDeployment=True)
    plane.run()
    plane.serve("gone", desired=0, taskDefinition="web")
    plane.ecs.delete_service(service="gone")
    plane.run()
    job = plane.ecs.run_task(
        taskDefinition="web:1",
        startedBy="me",
        clientToken="once",
        overrides={"containerOverrides": [{"name": "app", "command": ["true"]}]},
    )
    plane.report(job["tasks"][0]["taskArn"], "RUNNING", {"containerName": "app", "status": "RUNNING", "runtimeId": "r"})
    plane.exit(job["tasks"][0]["taskArn"], 3)
    plane.write(lambda tx: links.stops_meant(tx, instance, [{"taskArn": LOST}], BEGINNING))


if __name__ == "__main__":
    main()
