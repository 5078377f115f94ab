import os
import signal

from launch.podium_for_tests import alive, eventually
from podium.launch import running


def test_a_killed_server_is_back_at_once_on_its_port(a_podium):
    podium = a_podium()
    url = podium.up().url
    os.kill(podium.starts()[0]["pid"], signal.SIGKILL)
    eventually(lambda: len(podium.starts()) == 2 and running.look(podium.paths))
    assert running.look(podium.paths).url == url
    assert len(eventually(lambda: podium.starts(agent=1))) == 1
    eventually(lambda: podium.told()["parts"][0]["restarts"] == 1)


def test_a_killed_agent_is_back_at_once(a_podium):
    podium = a_podium(instances=2)
    podium.up()
    first = eventually(lambda: podium.starts(agent=2))[0]
    os.kill(first["pid"], signal.SIGKILL)
    again = eventually(lambda: podium.starts(agent=2)[1:])[0]
    assert again["argv"] == first["argv"]
    assert len(podium.starts()) == 1


def test_an_agent_that_refuses_its_settings_stays_down_and_says_why(a_podium):
    podium = a_podium(instances=2)
    podium.paths.prepare()
    podium.paths.agent(1).mkdir()
    (podium.paths.agent(1) / "refuse").write_text("--cpu is no number")
    podium.up()
    refused = eventually(lambda: [part for part in podium.told()["parts"] if part["state"] == "refused"])
    assert [(part["name"], part["reason"]) for part in refused] == [("agent-1", "--cpu is no number")]
    assert running.look(podium.paths)


def test_the_parts_end_when_the_supervisor_is_killed_and_up_works_again(a_podium):
    podium = a_podium()
    started = podium.up()
    eventually(lambda: podium.starts(agent=1))
    pids = [part["pid"] for part in podium.told()["parts"]]
    started.supervisor.kill()
    podium.up()
    assert not any(alive(pid) for pid in pids)
    assert running.look(podium.paths).pid not in pids


def test_agents_end_before_their_server(a_podium):
    podium = a_podium(instances=2)
    started = podium.up()
    eventually(lambda: podium.starts(agent=1) and podium.starts(agent=2))
    started.supervisor.send_signal(signal.SIGTERM)
    assert started.supervisor.wait(60) == 0
    assert sorted(podium.ends()[:3]) == ["agent-1", "agent-2", "proxy"]
    assert podium.ends()[3:] == ["server"]
    assert podium.asked() == []


def test_a_supervisor_that_cannot_write_goes_on_all_the_same(a_podium):
    """As on a full disk. A folder in the file's place is refused to root, too."""
    podium = a_podium()
    podium.up()
    killed = eventually(lambda: podium.starts(agent=1))[0]
    podium.paths.supervisor_file.unlink()
    podium.paths.supervisor_file.mkdir()
    os.kill(killed["pid"], signal.SIGKILL)
    assert len(eventually(lambda: podium.starts(agent=1)[1:])) == 1
    eventually(lambda: "not-written" in podium.paths.log("podium").read_text())
    podium.paths.supervisor_file.rmdir()
    os.kill(podium.starts(agent=1)[1]["pid"], signal.SIGKILL)
    eventually(lambda: podium.paths.supervisor_file.exists() and podium.told()["parts"][2]["restarts"] == 2)
