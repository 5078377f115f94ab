"""Pulls, digests and giving images up, with a real registry."""

from collections.abc import Iterator

import pytest

from docker.agents import AgentProcess, a_container, a_task, containers_of, docker, inspect
from docker.registry import Registry
from waiting import until


@pytest.fixture(scope="module")
def registry(tmp_path_factory) -> Iterator[Registry]:
    registry = Registry(tmp_path_factory.mktemp("registry"))
    yield registry
    registry.end()
    registry.forget()


@pytest.fixture
def agents(plane, tmp_path):
    """Makes an agent with options."""
    made: list[AgentProcess] = []

    def make(*options: str) -> AgentProcess:
        made.append(AgentProcess(plane, tmp_path, *options))
        return made[-1]

    yield make
    for agent in made:
        if agent.process is not None and agent.process.poll() is None:
            agent.end()
        agent.sweep()


def has(image: str) -> bool:
    return image in docker("images", "--format", "{{.Repository}}:{{.Tag}}").splitlines()


def test_an_image_is_pulled_by_digest_keeps_its_name_and_the_digest_is_told(plane, agents, registry):
    agents()
    image, digest = registry.holds("web:1")
    arn = plane.run(a_task(a_container(image=image)))
    running = plane.wait_for(arn, "RUNNING")
    assert running["pullStoppedAt"] >= running["pullStartedAt"]
    assert [c["imageDigest"] for r in plane.reports(arn) for c in r["containers"]] == [digest, digest]
    assert [r["status"] for r in plane.reports(arn)] == ["PENDING", "RUNNING"]
    assert has(image)
    assert inspect(containers_of(arn)[0])["Config"]["Image"] == image


def test_an_image_made_here_has_no_digest(plane, agents):
    agents()
    arn = plane.run(a_task(a_container()))
    (entry,) = plane.wait_for(arn, "RUNNING")["containers"]
    assert "imageDigest" not in entry


def test_a_tag_the_registry_does_not_have_and_a_registry_that_is_not_there(plane, agents, registry):
    agents()
    image, _ = registry.holds("known:1")
    missing = plane.run(a_task(a_container(image=image.removesuffix("1") + "2")))
    nowhere = plane.run(a_task(a_container(image="127.0.0.1:9/none:1")))
    (entry,) = plane.wait_for(missing, "STOPPED")["containers"]
    assert entry["reason"].startswith("CannotPullImageManifestError: Error response from daemon: ")
    assert "manifest unknown" in entry["reason"]
    (entry,) = plane.wait_for(nowhere, "STOPPED")["containers"]
    assert entry["reason"].startswith("CannotPullImageManifestError: Error response from daemon: Get ")
    assert "connection refused" in entry["reason"]


def test_by_default_a_new_image_is_pulled_and_the_old_one_does_when_the_registry_is_away(plane, agents, registry):
    agents("--image-pull-behavior", "default")
    image, _ = registry.holds("moving:1")
    first = plane.run(a_task(a_container(image=image)))
    plane.wait_for(first, "RUNNING")
    registry.end()
    try:
        again = plane.run(a_task(a_container(image=image)))
        plane.wait_for(again, "RUNNING", seconds=30)
    finally:
        registry.start()


def test_an_image_pulled_once_is_not_pulled_again_not_even_by_the_next_agent(plane, agents, registry):
    agent = agents("--image-pull-behavior", "once")
    image, _ = registry.holds("once:1")
    first = plane.run(a_task(a_container(image=image)))
    assert "pullStartedAt" in plane.wait_for(first, "RUNNING")
    agent.end()
    agent.start()
    second = plane.run(a_task(a_container(image=image)))
    assert "pullStartedAt" not in plane.wait_for(second, "RUNNING")


def test_images_nobody_needs_are_given_up_when_the_disk_is_fuller_than_allowed(plane, agents, registry):
    options = ("--image-high-watermark", "0", "--image-low-watermark", "0", "--image-cleanup-interval", "500ms")
    agents(*options, "--cleanup-wait", "0.5")
    used, _ = registry.holds("used:1")
    done, _ = registry.holds("done:1")
    running = plane.run(a_task(a_container(image=used)))
    plane.wait_for(running, "RUNNING")
    plane.wait_for(plane.run(a_task(a_container("true", image=done))), "STOPPED")
    until(lambda: not has(done), "the image that nobody needs to go")
    assert has(used)
    assert inspect(containers_of(running)[0])["State"]["Running"]
    assert has("podium/tiny:1"), "an image that was made here is gone"


def test_old_images_go_a_few_at_a_time(plane, agents, registry):
    options = (
        "--image-pull-behavior",
        "once",
        "--image-cleanup-interval",
        "300ms",
        "--image-minimum-cleanup-age",
        "0s",
    )
    agents(*options, "--cleanup-wait", "0.2", "--num-images-delete-per-cycle", "1")
    images = [registry.holds(f"old{n}:1")[0] for n in range(2)]
    for image in images:
        plane.wait_for(plane.run(a_task(a_container("true", image=image))), "STOPPED")
    until(lambda: not any(has(image) for image in images), "the images to go")
