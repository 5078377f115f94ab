"""What the documentation says exists, exists: links, files, commands, options, make targets, numbers."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from podium.ecs import bounds
from podium.ecs.timing import PRESETS, Timing

HERE = Path(__file__).resolve().parents[2]
PAGES = sorted([*HERE.glob("*.md"), *(HERE / "docs").rglob("*.md")])
GENERATED = {"docs/api.md", "docs/coverage.md", "docs/proof.md"}
MADE_BY_MAKE = {"docs/proof.md"}  # by a long run, so that a checkout need not have it
ROOMS = "src|tests|docs|tools|demo|bench|packing"
GROUP = ("debug",)
PASSED_ON = {"agent": "podium_agent", "server": "podium.server"}  # where options go that the command does not know
WRITTEN = [page for page in PAGES if page.relative_to(HERE).as_posix() not in GENERATED]

each_page = pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.relative_to(HERE).as_posix())


@dataclass(frozen=True)
class Typed:
    """A `podium` command line found in a page."""

    words: tuple[str, ...]

    @property
    def subcommand(self) -> tuple[str, ...]:
        """One word, or two for a command of a group; none for `podium --version`."""
        named = tuple(word for word in self.words if not word.startswith("-"))
        return named[: 2 if named[:1] == GROUP else 1]

    @property
    def options(self) -> list[str]:
        """Up to `--`: what comes after it is for another program."""
        own = self.words[: self.words.index("--")] if "--" in self.words else self.words
        return [word.partition("=")[0] for word in own if word.startswith("-") and word != "-"]


def code_in(text: str) -> Iterator[str]:
    """Each line of a code block, and each code span."""
    outside = []
    for number, part in enumerate(re.split(r"^ *```\w*$", text, flags=re.MULTILINE)):
        if number % 2:
            yield from part.splitlines()
        else:
            outside.append(part)
    yield from re.findall(r"`([^`]+)`", "\n".join(outside))


def typed_in(code: str) -> Iterator[Typed]:
    """The `podium` commands of a line of shell, also those inside $(…), after a semicolon, or in quotes."""
    for found in re.findall(r"""(?:^|[$;&(|'"]|run:) *podium ([a-z-][^;|&)"'#>]*)""", code.strip()):
        words = tuple(found.replace("…", "").split())
        yield Typed(words[:1] if words[0] == "aws" else words)  # what follows `podium aws` is for the aws CLI


def heading_anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def complaint_about(link: str, page: Path) -> str | None:
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return f"{link}: there is no such file"
    if anchor and anchor not in heading_anchors(target):
        return f"{link}: there is no such heading"
    return None


@cache
def helped(*words: str) -> str:
    """What a program of ours says when asked for help, wide enough that nothing is cut."""
    command = [sys.executable, "-m", *words, "--help"]
    environment = os.environ | {"COLUMNS": "300", "PYTHONPATH": str(HERE / "src")}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def subcommands() -> set[str]:
    return set(re.findall(r"^│ ([a-z-]+) ", helped("podium.cli"), re.MULTILINE))


def options_of(*subcommand: str) -> set[str]:
    """All options that a command takes, by its own word or by that of the program it becomes."""
    if subcommand == ("aws",):
        return {"--data-dir"}
    text = helped("podium.cli", *subcommand)
    if (program := PASSED_ON.get(subcommand[0])) is not None:
        text += helped(program)
    return set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text))


@each_page
def test_every_relative_link_leads_somewhere(page: Path):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    local = [link for link in links if not re.match(r"[a-z]+:", link)]
    assert [complaint for link in local if (complaint := complaint_about(link, page))] == []


@each_page
def test_every_file_that_a_page_names_exists(page: Path):
    named = {code for code in code_in(page.read_text()) if re.fullmatch(rf"({ROOMS})/[\w./-]+", code)}
    assert [name for name in sorted(named - MADE_BY_MAKE) if not (HERE / name).exists()] == []


@each_page
def test_every_podium_command_and_option_that_a_page_types_exists(page: Path):
    typed = [one for code in code_in(page.read_text()) for one in typed_in(code) if one.subcommand]
    assert {one.subcommand[0] for one in typed} <= subcommands()
    assert [one for one in typed if not set(one.options) <= options_of(*one.subcommand)] == []


@each_page
def test_every_make_target_that_a_page_types_exists(page: Path):
    makefile = (HERE / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    targets |= {f"bench-{module.stem}" for module in (HERE / "bench").glob("*.py") if "bench-%:" in makefile}
    typed = {target for code in code_in(page.read_text()) for target in re.findall(r"\bmake ([a-z-]+)", code)}
    assert typed <= targets


def test_the_readme_is_looked_at():
    """The finders find: otherwise the tests above would prove nothing."""
    code = list(code_in((HERE / "README.md").read_text()))
    found = [one for line in code for one in typed_in(line)]
    assert {"up", "down", "env", "status", "logs", "doctor", "debug"} <= {
        one.subcommand[0] for one in found if one.subcommand
    }
    assert {"--detach", "--port", "--instances", "--zones", "--leave-tasks", "--file"} <= {
        option for one in found for option in one.options
    }


def test_a_missing_command_option_or_link_would_be_noticed():
    (typed,) = typed_in("podium up --dettach")
    assert not set(typed.options) <= options_of("up")
    assert [one.words for one in typed_in('trap "podium dwon" EXIT; eval "$(podium emv)"')] == [("dwon",), ("emv",)]
    assert complaint_about("docs/nowhere.md", HERE / "README.md")
    assert complaint_about("#no-such-heading", HERE / "README.md")


def test_the_operating_page_tells_the_timing_presets():
    text = (HERE / "docs/operating.md").read_text()
    rows = re.findall(r"^\| [^|]+ \| (\d+ s|never) \| (\d+ s|never) \|$", text, re.MULTILINE)
    told = [tuple(None if w == "never" else timedelta(seconds=int(w.split()[0])) for w in row) for row in rows]
    names = [field.name for field in fields(Timing)]
    assert told == [(getattr(PRESETS["fast"], name), getattr(PRESETS["aws"], name)) for name in names]


def test_the_operating_page_tells_every_metric():
    made = re.findall(
        r'(?:_gauge|_count|MetricFamily)\(\s*"(podium_\w+)"', (HERE / "src/podium/server/metrics.py").read_text()
    )
    told = re.findall(r"`(podium_\w+)`", (HERE / "docs/operating.md").read_text())
    assert len(made) > 5
    assert sorted(set(told) - {"podium_agent"}) == sorted(made)


def test_the_operating_page_tells_what_agents_keys_may_do():
    text = (HERE / "docs/operating.md").read_text()
    joining = text.partition("It may call ")[2].partition(", for its own instance")[0].partition(".")[0]
    assert set(re.findall(r"[A-Z]\w+", joining)) >= bounds.JOINING
    own = text.partition("channels of its\nown instance, and call ")[2].partition(" for its own instance")[0]
    assert set(re.findall(r"[A-Z]\w+", own)) == set(bounds.OWN)


def test_every_option_of_podium_up_is_in_the_table_of_settings():
    text = (HERE / "docs/operating.md").read_text()
    not_settings = {"--detach", "-d", "--ephemeral", "--help", "-h"}
    assert [option for option in sorted(options_of("up") - not_settings) if f"`{option}`" not in text] == []
