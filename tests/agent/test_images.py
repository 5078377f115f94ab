"""When images are pulled, what is told of their digests, and which are given up."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine_hands import TASK, Hands, a_container, a_task
from podium_agent.docker.pulling import digest_of, split
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_agent.engine.images import Disk, Image, Policy, to_collect
from podium_agent.engine.records import Key

MAIN = Key(TASK, "main")
FAILED = e.PullFailed(key=MAIN, reason="CannotPullContainerError: no", began_at=1.0, ended_at=2.0)


def hands(behavior: str) -> Hands:
    made = Hands(image_pull_behavior=behavior)
    made.give(a_task())
    return made


def test_what_docker_has_is_good_enough_unless_told_otherwise():
    made = Hands()
    made.give(a_task())
    assert made.of(i.Create)
    made.tell(e.ImageMissing(key=MAIN))
    assert made.of(i.Pull) == [i.Pull(key=MAIN, image="web:1")]
    made.tell(FAILED)
    assert made.submitted()["containers"][0]["reason"] == "CannotPullContainerError: no"


@pytest.mark.parametrize(("behavior", "once"), [("default", False), ("always", False), ("once", True)])
def test_the_other_behaviors_pull_first(behavior, once):
    made = hands(behavior)
    assert made.of(i.Pull) == [i.Pull(key=MAIN, image="web:1", once=once)]
    assert not made.of(i.Create)
    made.tell(e.Pulled(key=MAIN, began_at=1.0, ended_at=2.0))
    assert made.of(i.Create)


def test_by_default_a_failed_pull_falls_back_on_what_docker_has_and_is_told_when_that_is_nothing():
    made = hands("default")
    made.tell(FAILED)
    assert made.of(i.Create)
    made.tell(e.ImageMissing(key=MAIN))
    assert made.submitted()["containers"][0]["reason"] == "CannotPullContainerError: no"


@pytest.mark.parametrize("behavior", ["always", "once"])
def test_where_the_pull_matters_its_failure_ends_the_task(behavior):
    made = hands(behavior)
    made.tell(FAILED)
    assert (made.submitted()["status"], made.submitted()["pullStoppedAt"]) == ("STOPPED", 2.0)
    assert not made.of(i.Create)


def test_an_image_that_was_pulled_before_has_no_pull_times():
    made = hands("once")
    made.tell(e.Pulled(key=MAIN))
    assert made.of(i.Create)
    assert made.engine.tasks[TASK].pull_started_at is None


def test_a_digest_is_told_ahead_of_running_and_with_everything_after():
    made = Hands()
    made.give(a_task(a_container(), a_container("side", essential=False)))
    made.tell(e.Created(key=MAIN, docker_id="docker-main", image_digest="sha256:1"))
    first = made.submitted()
    assert (first["status"], first["containers"]) == (
        "PENDING",
        [{"containerName": "main", "status": "PENDING", "runtimeId": "docker-main", "imageDigest": "sha256:1"}],
    )
    made.tell(e.Created(key=Key(TASK, "side"), docker_id="docker-side"))
    for name in ("main", "side"):
        made.tell(e.Started(key=Key(TASK, name)))
    made.tell(e.Accepted(task_arn=TASK))
    told = {c["containerName"]: c.get("imageDigest") for c in made.submitted()["containers"]}
    assert (made.submitted()["status"], told) == ("RUNNING", {"main": "sha256:1", "side": None})
    made.tell(e.Accepted(task_arn=TASK))
    made.end("side")
    made.tell(e.Accepted(task_arn=TASK))
    made.end()
    assert made.submitted()["containers"][0]["imageDigest"] == "sha256:1"


@pytest.mark.parametrize(
    ("image", "known", "digest"),
    [
        ("127.0.0.1:5000/a/b:1", ["127.0.0.1:5000/a/b@sha256:1"], "sha256:1"),
        ("127.0.0.1:5000/a/b", ["other@sha256:2", "127.0.0.1:5000/a/b@sha256:1"], "sha256:1"),
        ("nginx:latest", ["nginx@sha256:3"], "sha256:3"),
        ("web@sha256:4", [], "sha256:4"),
        ("podium/tiny:1", [], ""),
    ],
)
def test_the_digest_is_the_one_of_the_image_s_own_repository(image, known, digest):
    assert digest_of(image, {"RepoDigests": known}) == digest


def test_a_port_is_no_tag():
    assert split("127.0.0.1:5000/a") == ("127.0.0.1:5000/a", "latest")
    assert split("a:7") == ("a", "7")


def an_image(reference: str, used_at: float = 0.0, **members: Any) -> Image:
    return Image(reference=reference, used_at=used_at, **{"pulled_at": 0.0, "size_bytes": 10, **members})


def test_the_longest_unused_go_first_and_only_so_many():
    images = [an_image("c", 3), an_image("a", 1), an_image("b", 2), an_image("new", 0, pulled_at=3000.0)]
    chosen = to_collect(images, None, Policy(at_most=2), now=3700.0)
    assert [image.reference for image in chosen] == ["a", "b"]


def test_a_full_disk_is_freed_down_to_the_low_watermark_whatever_the_age():
    images = [an_image("a", 1, in_use=True), an_image("b", 2), an_image("c", 3), an_image("d", 4)]
    policy = Policy(by_age=False, high_percent=90, low_percent=80)
    assert to_collect(images, Disk(used_bytes=90, total_bytes=100), policy, now=0.0) == ()
    freed = to_collect(images, Disk(used_bytes=95, total_bytes=100), policy, now=0.0)
    assert [image.reference for image in freed] == ["b", "c"]


images_of_a_host = st.lists(
    st.builds(
        Image,
        reference=st.text("abc", min_size=1, max_size=3),
        pulled_at=st.floats(0, 9000),
        used_at=st.floats(0, 9000),
        size_bytes=st.integers(0, 50),
        in_use=st.booleans(),
    ),
    max_size=8,
    unique_by=lambda image: image.reference,
)
disks = st.one_of(st.none(), st.integers(0, 100).map(lambda used: Disk(used_bytes=used, total_bytes=100)))


@given(images_of_a_host, disks, st.booleans(), st.integers(0, 5))
def test_no_image_in_use_is_ever_given_up_and_none_more_than_there_is_a_reason_for(images, disk, by_age, at_most):
    policy = Policy(by_age=by_age, at_most=at_most)
    chosen = to_collect(images, disk, policy, now=9000.0)
    assert not any(image.in_use for image in chosen)
    assert len({image.reference for image in chosen}) == len(chosen)
    full = disk is not None and disk.used_bytes > policy.high_percent
    if not full:
        assert len(chosen) <= (at_most if by_age else 0)
        assert all(9000.0 - image.pulled_at >= policy.minimum_age for image in chosen)
    elif any(not image.in_use and image not in chosen for image in images):
        assert disk is not None
        assert disk.used_bytes - sum(image.size_bytes for image in chosen) <= policy.low_percent
