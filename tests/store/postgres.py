"""A PostgreSQL server of the tests' own: one a test process, on a free port, gone afterwards.

Debian's postgresql-15 is installed when there is none, which needs root.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PACKAGE = "postgresql-15"
INSTALLED = Path("/usr/lib/postgresql")
SETTINGS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=40")


@contextmanager
def running_server() -> Iterator[str]:
    """The URL of a database of a server that runs meanwhile. It listens on loopback and trusts everyone there."""
    programs = _programs()
    home = Path(tempfile.mkdtemp(prefix="podium-postgres-"))
    try:
        _give_to_postgres(home)
        data, port = home / "data", _free_port()
        _run([programs / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-locale", "-E", "UTF8", "-N"])
        options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 " + " ".join(f"-c {s}" for s in SETTINGS)
        _run([programs / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start"])
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            _run([programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(home)


def _programs() -> Path:
    """Where initdb and pg_ctl are. Installing is done by one test process at a time."""
    with open(Path(tempfile.gettempdir()) / "podium-postgres-install.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _found() or _install()


def _found() -> Path | None:
    return max((p.parent for p in INSTALLED.glob("*/bin/initdb")), default=None)


def _install() -> Path:
    assert os.getuid() == 0, f"These tests need PostgreSQL. Install it: sudo apt-get install {PACKAGE}"
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", PACKAGE]
    if subprocess.run(install, env=quiet, capture_output=True).returncode:
        subprocess.run(["apt-get", "update", "-qq"], env=quiet, capture_output=True, check=True)
        subprocess.run(install, env=quiet, capture_output=True, check=True)
    found = _found()
    assert found is not None, f"{PACKAGE} was installed, yet there is no initdb under {INSTALLED}"
    return found


def _run(command: Sequence[object]) -> None:
    """As the user postgres when root, since PostgreSQL refuses to run as root."""
    words = [str(word) for word in command]
    prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.getuid() == 0 else []
    done = subprocess.run([*prefix, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/")
    assert done.returncode == 0, f"{' '.join(words)} failed:\n{done.stdout}"


def _give_to_postgres(home: Path) -> None:
    if os.getuid() == 0:
        shutil.chown(home, "postgres", "postgres")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
