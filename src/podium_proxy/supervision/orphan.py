"""Starting a program that outlives us, and whose parent never dies.

An Envoy that can hand on its sockets asks the kernel to be ended with its parent. So it waits until the shell that
started it is gone, and it belongs to the host.
"""

import subprocess
from pathlib import Path

_SCRIPT = 'exec 3<&0; (read -r go <&3; exec "$@" 3<&- >>envoy.log 2>&1 </dev/null) & echo $!'


def start(command: list[str], folder: Path) -> int:
    """The process id of `command`, which runs in `folder`."""
    shell = subprocess.Popen(
        ["/bin/sh", "-c", _SCRIPT, "sh", *command],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert shell.stdin is not None, "it was asked for"
    assert shell.stdout is not None, "it was asked for"
    pid = int(shell.stdout.readline())
    shell.wait()
    shell.stdin.write(b"go\n")
    shell.stdin.close()
    shell.stdout.close()
    return pid
