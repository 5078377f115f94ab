"""The server process: how it starts, what stands in its way, how it ends."""

import os
import signal
import socket
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from podium.server.config import Config
from podium.server.main import _listen
from server.server_process import Server, refused, running, start


def test_it_tells_where_it_listens_and_takes_the_word_back_when_it_ends(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    note = tmp_path / "data" / "run" / "server.json"
    assert server.note["pid"] == server.process.pid
    assert server.url.startswith("http://127.0.0.1:")
    assert server.end() == 0
    assert not note.exists()


def test_what_is_written_is_there_after_a_restart_and_after_a_kill(tmp_path: Path) -> None:
    for number, how in enumerate((signal.SIGTERM, signal.SIGKILL, signal.SIGTERM)):
        server = Server(tmp_path / "data")
        known = server.client().list_clusters()["clusterArns"]
        assert len(known) == number
        server.client().create_cluster(clusterName=f"c{number}")
        server.end(how)


def test_the_data_dir_is_its_owners_alone(tmp_path: Path) -> None:
    with running(tmp_path / "data"):
        assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "data" / "credentials.json").stat().st_mode & 0o777 == 0o600


def test_a_second_server_on_the_same_data_dir_is_refused(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with running(data_dir) as server:
        assert refused(data_dir) == f"Another Podium server is using {data_dir}. `podium status` shows it."
        assert server.get("/_podium/health")[0] == 200


def test_a_data_dir_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = refused(tmp_path / "file" / "data")
    assert said == f"The data dir {tmp_path}/file/data cannot be used: Not a directory. Choose another with --data-dir."


def test_a_port_that_is_taken_is_refused(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = refused(tmp_path / "data", "--port", port)
    assert said == (
        f"Port {port} on 127.0.0.1 cannot be used: Address already in use. Choose another with --port, or 0 for any."
    )


def test_a_database_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "--database takes a postgresql:// address" in refused(tmp_path / "a", "--database", "mysql://x")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "podium.db").write_bytes(b"no database at all" * 100)
    assert "cannot be opened as a database: file is not a database." in refused(tmp_path / "b")


def test_a_postgresql_server_that_is_not_there_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path / "data", "--database", "postgresql://postgres@127.0.0.1:1/postgres")
    assert said.startswith("The PostgreSQL server cannot be reached: ")
    assert "refused" in said


def test_it_ends_when_its_supervisor_is_gone(tmp_path: Path) -> None:
    """A supervisor that is another process than the one that started it counts as gone."""
    process = start(tmp_path / "data", environment={"PODIUM_PARENT": str(os.getpid() + 1)})
    process.communicate(timeout=20)
    assert process.returncode == -signal.SIGTERM


def test_answers_are_sent_at_once(tmp_path: Path) -> None:
    """asyncio turns Nagle's algorithm off for listeners that name their protocol, and for no others."""
    listener = _listen(Config(data_dir=tmp_path, port=0))
    assert listener.proto == socket.IPPROTO_TCP
    listener.close()


def test_on_postgresql_a_newer_server_makes_the_older_one_step_down(tmp_path: Path, postgres_url: str) -> None:
    with running(tmp_path / "a", "--database", postgres_url) as old:
        old.client().create_cluster(clusterName="c")
        with running(tmp_path / "b", "--database", postgres_url) as new:
            assert len(new.client().list_clusters()["clusterArns"]) == 1
            new.client().create_cluster(clusterName="d")
            with pytest.raises(ClientError, match="Another Podium server has taken over"):
                old.client().create_cluster(clusterName="e")
            said, _ = old.process.communicate(timeout=20)
            assert old.process.returncode == 4
            assert "Traceback" not in said
            assert len(new.client().list_clusters()["clusterArns"]) == 2
