"""Whom the kernel ended for want of memory, read in its log."""

import os
from pathlib import Path

import pytest

from podium_agent.docker.out_of_memory import KernelLog

ONE, OTHER, OLD = "1" * 64, "2" * 64, "3" * 64


def line(group: str) -> str:
    return (
        "6,3254,11336076999,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),"
        f"cpuset={OTHER},mems_allowed=0,oom_memcg=/ecs/4f6d,task_memcg={group},task=sh,pid=31428,uid=0\n"
    )


@pytest.fixture
def kmsg(tmp_path: Path) -> Path:
    path = tmp_path / "kmsg"
    path.write_text(line(f"/ecs/4f6d/{OLD}"))
    return path


def tell(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


@pytest.mark.parametrize("group", ["/ecs/4f6d/{}", "/docker/{}", "/ecs.slice/ecs-4f6d.slice/docker-{}.scope"])
def test_a_container_is_known_by_its_control_group_whatever_made_it(kmsg: Path, group: str) -> None:
    log = KernelLog(kmsg)
    tell(kmsg, "6,1,2,-;device eth0 left promiscuous mode\n" + line(group.format(ONE)))
    assert log.ended(ONE)
    assert not log.ended(OTHER)


def test_it_counts_once_and_later_lines_are_read_too(kmsg: Path) -> None:
    """A container that is started again may end for another reason."""
    log = KernelLog(kmsg)
    tell(kmsg, 2 * line(f"/ecs/4f6d/{ONE}"))
    assert log.ended(ONE)
    assert not log.ended(ONE)
    tell(kmsg, line(f"/ecs/4f6d/{OTHER}"))
    assert log.ended(OTHER)


def test_what_was_before_is_not_read(kmsg: Path) -> None:
    assert not KernelLog(kmsg).ended(OLD)


def test_processes_of_other_groups_are_nobodys(kmsg: Path) -> None:
    log = KernelLog(kmsg)
    tell(kmsg, line("/user.slice") + line("/"))
    assert not log.ended(ONE)


def test_a_kernel_log_that_may_not_be_read_says_nothing(tmp_path: Path) -> None:
    assert not KernelLog(tmp_path / "none").ended(ONE)


def test_lines_that_were_overwritten_before_they_were_read_are_passed_over(
    kmsg: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel answers EPIPE once, and goes on with the oldest that it has."""
    log = KernelLog(kmsg)
    tell(kmsg, line(f"/ecs/4f6d/{ONE}"))
    right, failures = os.read, [BrokenPipeError()]

    def read(number: int, size: int) -> bytes:
        if failures:
            raise failures.pop()
        return right(number, size)

    monkeypatch.setattr(os, "read", read)
    assert log.ended(ONE)
