"""Stands in for the proxy: says that it started, and ends when told."""

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
    if arguments[0] == "sweep":
        with (data.parent / "proxy-sweeps").open("a") as file:
            file.write("swept\n")
        return
    if "PODIUM_PARENT" in os.environ:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
        if os.getppid() != int(os.environ["PODIUM_PARENT"]):
            return
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    with (data / "starts").open("a") as file:
        file.write(json.dumps({"pid": os.getpid(), "argv": arguments}) + "\n")
    ended.wait()
    with (data.parent / "ends").open("a") as file:
        file.write("proxy\n")


main()
