"""docs/coverage.md says what the code says."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def coverage() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_tool", ROOT / "tools" / "coverage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_is_what_the_code_makes_it(coverage: ModuleType) -> None:
    assert (ROOT / "docs" / "coverage.md").read_text() == coverage.page(), "run `make coverage`"


def test_notes_are_about_operations_that_are_answered(coverage: ModuleType) -> None:
    assert set(coverage.NOTES) <= coverage.answered("ecs")


def test_all_88_operations_of_ecs_are_listed(coverage: ModuleType) -> None:
    rows = [
        line
        for line in coverage.page().splitlines()
        if line.endswith("|") and ("| answered" in line or "| – |" in line)
    ]
    assert len(rows) == 88 + 1  # and the heading of the table of services
