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


@pytest.mark.parametrize("token", ["x", "!!!", "W10=", "bnVsbA==", "WzEsMl0=", "é"])
def test_a_token_that_is_none_is_refused(ecs: Any, token: str) -> None:
    with refused(INVALID, "Invalid token"):
        ecs.list_clusters(nextToken=token)


def test_a_token_of_another_list_is_refused(ecs: Any) -> None:
    token = ecs.list_clusters(maxResults=1)["nextToken"]
    with refused(INVALID, "Invalid token"):
        ecs.list_tasks(cluster="c0", nextToken=token)


@pytest.mark.parametrize("size", [-1, 101])
def test_a_page_has_one_to_a_hundred_rows(ecs: Any, size: int) -> None:
    with refused(INVALID, "maxResults must be between 1 and 100"):
        ecs.list_clusters(maxResults=size)
