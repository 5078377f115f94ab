"""`make demo`: sets the stage, tells the story, leaves nothing behind. KEEP=1 leaves Podium running."""

import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from demo import image, screen, story
from demo.machine import HERE, Machine
from demo.screen import Results

FRESH = 1200.0  # seconds: an older checkout was not cloned for this run


def main() -> int:
    keep = os.environ.get("KEEP", "") not in ("", "0")
    began = float(os.environ.get("DEMO_BEGAN") or time.time())
    results = Results(began=began, cloned=_cloned(began))
    data_dir = Path(tempfile.mkdtemp(prefix="podium-demo-"))
    machine = Machine(data_dir)
    try:
        screen.chapter("0. Podium, on this machine")
        make_image()
        before = time.time()
        beside = ["--in-docker"] if machine.in_docker else []
        print(machine.podium("up", *beside, "--detach", "--port", "0", "--instances", "3", "--zones", "a,b,c"))
        results.add("podium up", time.time() - before)
        machine.learn_address()
        story.tell(machine, results)
        if keep:
            return go_on(machine, results)
        screen.chapter("9. Everything down")
    except BaseException:
        take_down(machine, data_dir)
        raise
    before = time.time()
    take_down(machine, data_dir)
    results.add("podium down", time.time() - before)
    results.show()
    return 0


def go_on(machine: Machine, results: Results) -> int:
    results.show()
    at = f"--data-dir {machine.data_dir}"
    screen.chapter("Podium is still running. To go on:")
    for line in (
        f'eval "$(.venv/bin/podium env {at})"',
        "aws ecs list-services --cluster demo",
        f".venv/bin/podium status {at}",
    ):
        screen.say(line)
    screen.say(f".venv/bin/podium down {at}   # when you are done; then rm -r {machine.data_dir}")
    return 0


def make_image() -> None:
    screen.say(f"making {story.IMAGE}, a web server of 2 MB, from Debian's busybox")
    try:
        image.load(story.IMAGE, {"bin/web": (HERE / "demo" / "web.sh").read_bytes()}, ["/bin/web"])
    except image.NoBusybox as missing:
        raise SystemExit(str(missing)) from missing


def take_down(machine: Machine, data_dir: Path) -> None:
    machine.podium("down")
    machine.remove_volume()
    shutil.rmtree(data_dir, ignore_errors=True)


def _cloned(began: float) -> float | None:
    made = (HERE / ".git").stat().st_mtime if (HERE / ".git").exists() else 0.0
    first = min(made, (HERE / "Makefile").stat().st_mtime)
    return first if began - first < FRESH else None


if __name__ == "__main__":
    sys.exit(main())
