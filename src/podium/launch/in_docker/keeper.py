"""Starting and ending the door as a process of its own, which outlives the command that starts it."""

import os
import signal
import socket
import subprocess

from podium.launch.commands import PYTHON
from podium.launch.in_docker.box import Box
from podium.launch.listeners import is_free
from podium.launch.lock import holder
from podium.launch.logs import open_log
from podium.launch.paths import DataDir
from podium.launch.waiting import wait_until

_ENDING_SECONDS = 10.0


def open_door(paths: DataDir, box: Box, host: str, port: int) -> str:
    """The url at which Podium answers from now on, as soon as it does. Port 0 is any, or the one of last time."""
    close_door(paths)
    wanted = port or (box.port if box.port and is_free(host, box.port) else 0)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listening, open_log(paths.log("door")) as log:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, wanted))
        listening.listen(128)
        told = [box.docker_host, box.name, str(paths.door_lock), str(listening.fileno())]
        subprocess.Popen(
            [*PYTHON, "-m", "podium.launch.in_docker.door", *told],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(listening.fileno(),),
            start_new_session=True,
        )
        bound = listening.getsockname()[1]
    return f"http://{f'[{host}]' if ':' in host else host}:{bound}"


def close_door(paths: DataDir) -> None:
    pid = holder(paths.door_lock)
    if pid is None:
        return
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    wait_until(lambda: holder(paths.door_lock) != pid, _ENDING_SECONDS)
