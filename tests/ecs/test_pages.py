"""Lists in pages."""

from typing import Any

import pytest

from inprocess import Plane, refused

INVALID = "InvalidParameterException"


@pytest.fixture
def ecs(plane: Plane) -> Any:
    for n in range(5):
        plane.ecs.create_cluster(clusterName=f"c{n}")
    return plane.ecs


def names(answer: dict[str, Any]) -> list[str]:
    return [arn.rpartition("/")[2] for arn in answer["clusterArns"]]


def test_the_last_page_has_no_token(ecs: Any) -> None:
    assert "nextToken" in ecs.list_clusters(maxResults=4)
    assert "nextToken" not in ecs.list_clusters(maxResults=5)
    assert "nextToken" not in ecs.list_clusters()


def test_pages_follow_one_another(ecs: Any) -> None:
    pages = ecs.get_paginator("list_clusters").paginate(PaginationConfig={"PageSize": 2})
    assert [names(page) for page in pages] == [["c0", "c1"], ["c2", "c3"], ["c4"]]


def test_what_comes_and_goes_between_two_pages_moves_nothing_else(ecs: Any) -> None:
    token = ecs.list_clusters(maxResults=2)["nextToken"]
    ecs.delete_cluster(cluster="c0")
    ecs.delete_cluster(cluster="c1")
    ecs.create_cluster(clusterName="b")
    assert names(ecs.list_clusters(maxResults=2, nextToken=token)) == ["c2", "c3"]


def test_task_definitions_page_on_from_one_that_left_the_list(plane: Plane, ecs: Any) -> None:
    for _ in range(12):
        plane.define("web")
    first = ecs.list_task_definitions(maxResults=3, sort="DESC")
    ecs.deregister_task_definition(taskDefinition=first["taskDefinitionArns"][-1])
    second = ecs.list_task_definitions(maxResults=3, sort="DESC", nextToken=first["nextToken"])
    assert [arn.rpartition(":")[2] for arn in second["taskDefinitionArns"]] == ["9", "8", "7"]


@pytest.mark.parametrize("narrowed", [{}, {"serviceName": "web"}, {"family": "web"}, {"desiredStatus": "RUNNING"}])
def test_tasks_page_on_though_some_come_and_others_go(plane: Plane, narrowed: dict[str, Any]) -> None:
    plane.ready(instances=1, memory=100_000)
    plane.serve(desired=12)
    arns = sorted(task.arn for task in plane.tasks())
    first = plane.ecs.list_tasks(maxResults=5, **narrowed)
    assert first["taskArns"] == arns[:5]
    plane.ecs.stop_task(task=arns[4])  # the one that the token names
    plane.ecs.stop_task(task=arns[6])
    plane.run()
    gone = {arns[4], arns[6]}
    second = plane.ecs.list_tasks(maxResults=100, nextToken=first["nextToken"], **narrowed)
    came = {task.arn for task in plane.tasks()} - set(arns)
    assert second["taskArns"] == sorted(arn for arn in {*arns, *came} if arn > arns[4] and arn not in gone)
    assert "nextToken" not in second


def test_the_last_page_of_tasks_has_no_token_however_full_it_is(plane: Plane) -> None:
    plane.ready(instances=1, memory=100_000)
    plane.serve(desired=6)
    first = plane.ecs.list_tasks(maxResults=3)
    assert len(first["taskArns"]) == 3
    second = plane.ecs.list_tasks(maxResults=3, nextToken=first["nextToken"])
    assert sorted(first["taskArns"] + second["taskArns"]) == sorted(task.arn for task in plane.tasks())
    assert "nextToken" not in second


@pytest.mark.parametrize("token", ["x", "!!!", "W10=", "bnVsbA==", "WzEsMl0=", "é"])
def test_a_token_that_is_none_is_refused(ecs: Any, token: str) -> None:
    for listed in (ecs.list_clusters, lambda **asked: ecs.list_tasks(cluster="c0", **asked)):
        with refused(INVALID, "Invalid token"):
            listed(nextToken=token)


def test_a_token_of_another_list_is_refused(ecs: Any) -> None:
    token = ecs.list_clusters(maxResults=1)["nextToken"]
    with refused(INVALID, "Invalid token"):
        ecs.list_tasks(cluster="c0", nextToken=token)


@pytest.mark.parametrize("size", [-1, 101])
def test_a_page_has_one_to_a_hundred_rows(ecs: Any, size: int) -> None:
    for listed in (ecs.list_clusters, lambda **asked: ecs.list_tasks(cluster="c0", **asked)):
        with refused(INVALID, "maxResults must be between 1 and 100"):
            listed(maxResults=size)
