"""What a policy is asked: one action on one resource, under some circumstances."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

Values = tuple[str, ...]


class Context(Protocol):
    def get(self, key: str, /) -> Values | None:
        """The values of a condition key, whose name comes in lower case; None when the request has none."""


class Request(NamedTuple):  # made for every resource of every call, which a frozen dataclass would slow down
    """`action` is in lower case: AWS does not tell actions apart by case. `resource` is an ARN or `*`."""

    action: str
    resource: str
    context: Context


class Facts:
    """A context that is known from the start."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str | Values]) -> None:
        self._values = {k.lower(): (v,) if isinstance(v, str) else tuple(v) for k, v in values.items()}

    def get(self, key: str, /) -> Values | None:
        return self._values.get(key) or None
