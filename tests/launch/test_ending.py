import os
import signal

from launch.podium_for_tests import alive, eventually
from podium.launch import running
from podium.launch.lock import is_held


def test_down_stops_the_tasks_then_the_processes_then_sweeps(a_podium):
    podium = a_podium(instances=2)
    started = podium.up()
    eventually(lambda: podium.starts(agent=2))
    ended = podium.down()
    assert (ended.ran, ended.stopped_tasks, ended.problems) == (True, 2, ())
    assert [call[:2] for call in podium.asked() if call[0] == "/_podium/down"] == [
        ["/_podium/down", {"leaveTasks": False}]
    ]
    assert sorted((podium.root / "sweeps").read_text().split()) == ["1", "2"]
    assert started.supervisor.wait(60) == 0
    assert running.look(podium.paths) is None


def test_leaving_the_tasks_asks_nobody_to_stop_and_sweeps_nothing(a_podium):
    podium = a_podium()
    podium.up()
    assert podium.down(leave_tasks=True).ran
    assert podium.asked() == []
    assert not (podium.root / "sweeps").exists()
    assert not is_held(podium.paths.server_lock)


def test_down_where_nothing_ran_still_sweeps(a_podium):
    podium = a_podium()
    assert podium.down().ran is False
    podium.up()
    podium.down(leave_tasks=True)
    ended = podium.down()
    assert (ended.ran, ended.swept) == (False, 1)


def test_down_after_a_killed_supervisor_ends_whatever_is_left(a_podium):
    podium = a_podium()
    started = podium.up()
    eventually(lambda: podium.starts(agent=1))
    pids = [part["pid"] for part in podium.told()["parts"]]
    os.kill(started.supervisor.pid, signal.SIGKILL)
    started.supervisor.wait()
    podium.down()
    eventually(lambda: not any(alive(pid) for pid in pids))
    assert (podium.root / "sweeps").exists()


def test_records_and_keys_stay(a_podium):
    podium = a_podium()
    podium.up()
    podium.down()
    assert podium.paths.credentials.exists()
