import json
import os
import signal
import socket

import pytest

from cli.docker_engine import a_docker_engine


def test_up_detached_says_where_it_is_and_how_to_go_on(podium):
    up = podium("up", "--detach", "--port", "0")
    assert up.returncode == 0, up.stderr
    url = podium.status()["url"]
    assert f"is ready at {url}" in up.stdout
    assert len([line for line in up.stdout.splitlines() if line.startswith("  FARGATE is ")]) == 1
    assert "no task can run" in up.stdout.lower()
    assert "podium aws ecs list-clusters" in up.stdout
    assert 'eval "$(podium env)"' in up.stdout


def test_hints_name_the_data_dir_when_it_is_not_the_usual_one(podium, tmp_path):
    other = str(tmp_path / "another one")
    up = podium("up", "--detach", "--port", "0", "--data-dir", other)
    assert f"podium status --data-dir '{other}'" in up.stdout
    assert podium("down", "--data-dir", other).returncode == 0


def test_up_twice_is_refused_with_a_sentence(running):
    again = running("up", "--detach")
    assert again.returncode == 1
    assert again.stderr.startswith("podium: Podium is already running on ")
    assert "`podium down` ends it" in again.stderr


def test_down_says_how_many_tasks_it_stopped_and_may_be_repeated(running):
    down = running("down")
    assert (down.returncode, down.stdout) == (0, "Podium has ended; 2 tasks stopped.\n")
    again = running("down")
    assert again.returncode == 0
    assert again.stdout.endswith("Removed 1 container that had been left.\n")


def test_down_where_podium_never_ran_is_fine(podium):
    down = podium("down")
    assert (down.returncode, down.stderr) == (0, "")
    assert "was not running" in down.stdout


def test_tasks_can_be_left_running(running, parts):
    down = running("down", "--leave-tasks")
    assert down.returncode == 0
    assert "run on until the next" in down.stdout
    assert "/_podium/down" not in [call[0] for call in parts.asked()]


def test_ctrl_c_in_the_foreground_stops_the_tasks(podium, parts):
    up = podium.start("up", "--port", "0")
    assert "is ready at" in up.stdout.readline()
    up.send_signal(signal.SIGINT)
    said, _ = up.communicate(timeout=20)
    assert up.returncode == 0, said
    assert "/_podium/down" in [call[0] for call in parts.asked()]
    assert podium.status()["running"] is False


def test_ctrl_c_in_a_terminal_does_not_reach_the_parts_themselves(podium, parts, patience):
    up = podium.start("up", "--port", "0")
    up.stdout.readline()
    patience(lambda: parts.starts(agent=1))
    os.killpg(up.pid, signal.SIGINT)
    up.communicate(timeout=20)
    assert sorted(parts.ends()[:2]) == ["agent-1", "proxy"]
    assert parts.ends()[2:] == ["server"]
    assert "/_podium/down" in [call[0] for call in parts.asked()]


def test_sigterm_in_the_foreground_leaves_the_tasks_running(podium, parts):
    up = podium.start("up", "--port", "0")
    up.stdout.readline()
    up.send_signal(signal.SIGTERM)
    up.communicate(timeout=20)
    assert up.returncode == 0
    assert "/_podium/down" not in [call[0] for call in parts.asked()]
    assert podium.status()["running"] is False


def test_down_from_elsewhere_ends_the_foreground_quietly(podium):
    up = podium.start("up", "--port", "0")
    up.stdout.readline()
    assert podium("down").returncode == 0
    said, _ = up.communicate(timeout=20)
    assert (up.returncode, "was ended by" in said) == (0, True)


def test_ephemeral_leaves_no_folder(podium, tmp_path):
    up = podium.start("up", "--port", "0", "--ephemeral")
    line = up.stdout.readline()
    folder = line.rpartition(" ")[2].strip()
    assert os.path.isdir(folder)
    up.send_signal(signal.SIGINT)
    up.communicate(timeout=20)
    assert not os.path.exists(folder)


def test_a_taken_port_is_named_on_the_last_line(podium):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        up = podium("up", "--detach", "--port", str(port))
    assert up.returncode == 1
    assert f"Port {port} is taken by " in up.stderr.splitlines()[-1]
    assert f"(pid {os.getpid()})" in up.stderr.splitlines()[-1]


def test_an_unwritable_data_dir_is_named_on_the_last_line(podium):
    podium.data_dir.write_text("no folder")
    up = podium("up", "--detach")
    assert up.returncode == 1
    assert "cannot write to its data dir" in up.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--account-id", "12"], "twelve digits"),
        (["--timing", "slow"], "fast, aws"),
        (["--root-access-key", "AKID"], "belong together"),
        (["--instances", "9000"], "too little for 9000"),
        (["--host", "0.0.0.0"], "--insecure"),
    ],
)
def test_an_odd_setting_is_refused_with_what_to_do(podium, words, sentence):
    up = podium("up", "--detach", "--port", "0", *words)
    assert up.returncode == 1
    assert sentence in up.stderr
    assert "Traceback" not in up.stderr


def test_more_than_the_machine_has_may_be_promised_and_is_said(podium, tmp_path):
    with a_docker_engine(tmp_path / "docker.sock"):
        host = f"unix://{tmp_path}/docker.sock"
        up = podium("up", "--detach", "--port", "0", "--cpu", "999999", "--docker-host", host)
    assert "999999 CPU units" in up.stdout
    assert "more than this machine has" in up.stdout


def test_account_and_region_are_those_of_last_time(podium):
    words = ("--account-id", "222233334444", "--region", "eu-west-1")
    assert podium("up", "--detach", "--port", "0", *words).returncode == 0
    assert podium("down").returncode == 0
    assert podium("up", "--detach", "--port", "0").returncode == 0
    assert podium.status()["region"] == "eu-west-1"
    assert json.loads((podium.data_dir / "identity.json").read_text())["account_id"] == "222233334444"
