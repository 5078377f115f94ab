"""How a bug is planted: one function, by its name, is something else for a while."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

Function = Callable[..., Any]


@dataclass(frozen=True)
class Planted:
    """`where` names a function, `module:name` or `module:Class.name`; `becomes` makes the wrong one."""

    says: str
    where: str
    becomes: Callable[[Function], Any]


def original(bug: Planted) -> Any:
    """What stands now where the bug would be: a function, or a property."""
    owner, name = _place(bug)
    return vars(owner)[name]


@contextmanager
def planted(bug: Planted) -> Iterator[None]:
    owner, name = _place(bug)
    before = original(bug)
    right: Any = before.fget if isinstance(before, property) else before
    wrong = bug.becomes(right)
    setattr(owner, name, property(wrong) if isinstance(before, property) else wrong)
    try:
        yield
    finally:
        setattr(owner, name, before)


def _place(bug: Planted) -> tuple[Any, str]:
    module, _, path = bug.where.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for step in owners:
        owner = getattr(owner, step)
    return owner, name
