"""The answers that the AWS CLI's own documentation shows: the examples that come with the awscli package."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from botocore import xform_name

_BLOCK = re.compile(r"(?m)^(?P<head>.*)::[ \t]*\n\s*\n(?P<body>(?:[ \t]+.*\n|[ \t]*\n)+)")


@dataclass(frozen=True, kw_only=True)
class Example:
    command: str
    answer: dict[str, Any]


def examples(operation: str) -> list[Example]:
    """The examples of an ECS operation, CreateCluster say, whose answer is shown in JSON that can be read."""
    page = files("awscli") / "examples" / "ecs" / f"{xform_name(operation, '-')}.rst"
    return list(_examples(page.read_text() + "\n")) if page.is_file() else []


def _examples(text: str) -> Iterator[Example]:
    command = ""
    for block in _BLOCK.finditer(text):
        body = block["body"].strip()
        if body.startswith("aws "):
            command = re.sub(r"\s*\\\n\s*", " ", body)
        if block["head"].strip() == "Output" and (answer := _json(body)) is not None:
            yield Example(command=command, answer=answer)


def _json(text: str) -> dict[str, Any] | None:
    """None for what is no JSON object: some pages show an answer shortened by hand."""
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def members(value: Any, at: str = "") -> set[str]:
    """The paths of all members, such as `tasks.containers.name`. Lists add nothing to a path."""
    if isinstance(value, list):
        return set().union(*(members(item, at) for item in value))
    if not isinstance(value, dict):
        return set()
    paths = {f"{at}.{name}" if at else name: inner for name, inner in value.items()}
    return set(paths).union(*(members(inner, path) for path, inner in paths.items()))
