"""House rules that no linter knows. Exit 1 and a line for each place that breaks one."""

import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
SELF = Path(__file__).resolve()

FORBIDDEN = {
    r"/work/|\.library\b|\bshared/(spec|design|prototype)\b": "a path outside the repository",
    r"^\s*except( Exception)?:\s*$\n\s*pass": "an error swallowed without a word",
    r"\btime\.sleep\(": "a fixed sleep; wait for a condition",
    r"pytest\.(skip|mark\.(skip|xfail))": "a test that may not run",
    r"https?://[^\s\"'/]*(pypi|mirror|debian\.org|npmjs)[^\s\"']*": "the address of a package index",
}
SLEEPERS = {"src/podium/launch/waiting.py", "tests/waiting.py"}  # the loops that wait for a condition live here
LONGEST = 500


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=HERE,
        check=True,
        capture_output=True,
        text=True,
    )
    return [HERE / name for name in listed.stdout.splitlines()]


def complaints(path: Path) -> list[str]:
    text = path.read_text(errors="replace")
    name = path.relative_to(HERE).as_posix()
    found = []
    for pattern, meaning in FORBIDDEN.items():
        if "sleep" in pattern and (name in SLEEPERS or name.startswith("bench/")):
            continue
        for match in re.finditer(pattern, text, re.MULTILINE):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{name}:{line}: {meaning}")
    if path.suffix == ".py" and (length := text.count("\n")) > LONGEST:
        found.append(f"{name}: {length} lines; a module holds one idea")
    return found


def main() -> int:
    kinds = {".py", ".md", ".toml", ".sh", ".c", ".json", ".yml", ""}
    files = [p for p in tracked() if p.suffix in kinds and p.is_file() and p != SELF]
    found = [line for path in files for line in complaints(path)]
    print("\n".join(found) or f"house rules hold in {len(files)} files")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
