"""docs/api.md says what the code refuses."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]


def test_the_api_page_is_what_the_code_makes_it() -> None:
    done = subprocess.run([sys.executable, "tools/api_page.py", "--check"], cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_operation_is_on_it_with_a_sentence_that_is_known() -> None:
    page = (HERE / "docs" / "api.md").read_text()
    assert page.count("### ecs ") == 88
    services = page.partition("### ecs CreateService\n")[2].partition("###")[0]
    assert "Creation of service was not idempotent." in services
    assert "`ClusterNotFoundException`: Cluster not found." in services
