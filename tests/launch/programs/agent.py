"""Stands in for an agent: says that it joined, and ends when told."""

import ctypes
import json
import os
import signal
import sys
import threading
from pathlib import Path


def main():
    arguments = sys.argv[1:]
    data = Path(arguments[arguments.index("--data-dir") + 1])
    root = data.parent.parent
    if arguments[0] == "sweep":
        with (root / "sweeps").open("a") as file:
            file.write(data.name + "\n")
        sys.stdout.write("1\n")
        return
    if "PODIUM_PARENT" in os.environ:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if os.getppid() != int(os.environ["PODIUM_PARENT"]):
            return
    if (data / "refuse").exists():
        sys.stderr.write((data / "refuse").read_text() + "\n")
        sys.exit(3)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with (data / "starts").open("a") as file:
        file.write(json.dumps({"pid": os.getpid(), "argv": arguments, "environ": dict(os.environ)}) + "\n")
    (data / "joined").touch()
    ended.wait()
    with (root / "ends").open("a") as file:
        file.write(f"agent-{data.name}\n")


main()
