import os
import signal
import socket
import subprocess
import sys

import pytest

from launch.podium_for_tests import Podium, alive, eventually
from podium.launch import listeners, running
from podium.launch.errors import Trouble
from podium.launch.lock import is_held


def test_up_returns_when_the_server_answers_and_the_agents_run(a_podium):
    podium = a_podium(instances=3, zones=("a", "b"))
    started = podium.up()
    assert running.look(podium.paths).url == started.url
    assert [part["name"] for part in podium.told()["parts"]] == ["server", "proxy", "agent-1", "agent-2", "agent-3"]
    eventually(lambda: all(podium.starts(agent) for agent in (1, 2, 3)))
    words = podium.starts(agent=3)[0]["argv"]
    assert "--fargate" in words
    told = dict(zip(words[:-1:2], words[1:-1:2], strict=True))
    assert (told["--zone"], told["--cpu"], told["--memory"]) == ("us-east-1a", "682", "1365")
    assert told["--endpoint"] == started.url


def test_a_second_up_says_that_it_runs_and_where(a_podium):
    podium = a_podium()
    started = podium.up()
    with pytest.raises(Trouble, match="already running") as refused:
        podium.up()
    assert started.url in str(refused.value)
    assert f"pid {started.supervisor.pid}" in str(refused.value)
    assert len(podium.starts()) == 1


def test_two_data_dirs_are_two_podiums(a_podium, tmp_path):
    one, other = a_podium(), Podium(tmp_path / "other")
    try:
        assert one.up().url != other.up().url
        other.down()
        assert running.look(one.paths)
    finally:
        other.close()


def test_keys_reach_the_server_by_environment_and_nobody_else(a_podium):
    podium = a_podium()
    podium.up(PODIUM_ROOT_ACCESS_KEY="AKIDOFMINE", PODIUM_ROOT_SECRET_KEY="very-secret-indeed")
    server = podium.starts()[0]
    assert server["environ"]["PODIUM_ROOT_SECRET_KEY"] == "very-secret-indeed"
    agent = eventually(lambda: podium.starts(agent=1))[0]
    assert "PODIUM_ROOT_SECRET_KEY" not in agent["environ"]
    assert "very-secret-indeed" not in str(server["argv"]) + podium.paths.supervisor_file.read_text()


def test_the_parts_know_nothing_of_the_users_own_aws(a_podium, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "production")
    podium = a_podium()
    podium.up()
    assert "AWS_PROFILE" not in podium.starts()[0]["environ"]


def test_a_free_port_is_found_and_kept(a_podium):
    podium = a_podium(port=0)
    first = podium.up().url
    podium.down()
    assert podium.up().url == first


def test_a_kept_port_that_was_taken_meanwhile_is_given_up(a_podium):
    podium = a_podium(port=0)
    first = podium.up().url
    podium.down()
    with socket.create_server(("127.0.0.1", int(first.rpartition(":")[2]))):
        assert podium.up().url != first


def test_a_taken_port_is_refused_with_the_name_of_the_program(a_podium):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Trouble, match=f"Port {port} is taken by .*pid {os.getpid()}") as refused:
            a_podium(port=port).up()
    assert "--port" in str(refused.value)


def test_another_emulator_on_the_port_is_refused_by_name(a_podium, a_web_page):
    port = int(a_web_page("/_localstack/health", '{"services": {}, "edition": "community"}').rpartition(":")[2])
    with pytest.raises(Trouble, match=f"Port {port} is taken by LocalStack: "):
        a_podium(port=port).up()


def test_a_data_dir_that_cannot_be_written_is_refused(a_podium, tmp_path):
    (tmp_path / "data").write_text("a file, not a folder")
    with pytest.raises(Trouble, match="cannot write to its data dir"):
        a_podium().up()


def test_listening_beyond_loopback_is_refused_unless_said_insecure(a_podium):
    with pytest.raises(Trouble, match="--insecure"):
        a_podium(host="0.0.0.0").up()
    podium = a_podium(host="0.0.0.0", insecure=True)
    assert podium.up().url.startswith("http://127.0.0.1:")
    assert "--insecure" in podium.starts()[0]["argv"]


def test_a_server_that_refuses_its_settings_is_not_tried_twice(a_podium):
    podium = a_podium()
    podium.paths.prepare()
    (podium.root / "broken").write_text("The records are of a newer Podium.")
    (podium.root / "broken-code").write_text("3")
    with pytest.raises(Trouble, match=r"^The records are of a newer Podium\.$"):
        podium.up()
    assert podium.paths.log("server").read_text().count("something first") == 1


def test_a_server_that_keeps_dying_before_it_answers_is_given_up_with_its_last_words(a_podium):
    podium = a_podium()
    podium.paths.prepare()
    (podium.root / "broken").write_text("No such thing.")
    (podium.root / "broken-code").write_text("1")
    with pytest.raises(Trouble, match=r"does not start: No such thing\."):
        podium.up()
    assert podium.paths.log("server").read_text().count("something first") == 3
    assert not is_held(podium.paths.supervisor_lock)


def test_a_server_of_its_own_on_the_data_dir_is_respected(a_podium):
    podium = a_podium()
    podium.paths.prepare()
    command = [sys.executable, *podium.settings.programs.server, "--data-dir", str(podium.root)]
    with subprocess.Popen([*command, "--host", "127.0.0.1", "--port", "0", "--region", "us-east-1"]) as server:
        eventually(lambda: running.look(podium.paths))
        with pytest.raises(Trouble, match=rf"already uses .* \(pid {server.pid}\)"):
            podium.up()
        assert podium.down().ran
        assert server.wait(60) == 0


def test_an_attached_supervisor_ends_with_the_process_that_started_it(a_podium):
    podium = a_podium()
    podium.paths.prepare()
    program = (
        "import sys; from podium.launch.settings import Settings; from podium.launch.start import start\n"
        "started = start(Settings.from_json(sys.argv[1]), {}, attached=True)\n"
        "print(started.supervisor.pid, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-W", "ignore", "-c", program, podium.settings.to_json()]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as terminal:
        supervisor = int(terminal.stdout.readline())
        pids = [supervisor, *(part["pid"] for part in podium.told()["parts"])]
        terminal.send_signal(signal.SIGKILL)
    eventually(lambda: not any(alive(pid) for pid in pids))


def test_an_ephemeral_podium_leaves_nothing(a_podium):
    podium = a_podium(ephemeral=True)
    podium.up().supervisor.send_signal(signal.SIGTERM)
    eventually(lambda: not podium.root.exists())


@pytest.mark.parametrize(
    ("path", "body", "name"),
    [
        ("/_localstack/health", '{"services": {}, "edition": "community"}', "LocalStack"),
        ("/_ministack/health", '{"services": {}}', "MiniStack"),
        ("/_localstack/health", '{"services": {}, "edition": "floci"}', "Floci"),
        ("/moto-api/", "<html>Moto</html>", "moto"),
        ("/_podium/health", '{"status": "ok", "version": "0.1.0"}', "another Podium"),
        ("/", "hello", None),
    ],
)
def test_other_emulators_are_known_by_name(a_web_page, path, body, name):
    assert listeners.emulator_at(a_web_page(path, body)) == name
