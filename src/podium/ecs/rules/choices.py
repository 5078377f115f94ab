"""Words from a fixed list. ECS checks them itself; clients do not."""

from collections.abc import Collection, Iterable

from podium.ecs.errors import InvalidParameter
from podium.kernel.errors import ClientError


def one_of(name: str, value: str | None, allowed: Collection[str], error: type[ClientError] = InvalidParameter) -> str:
    """`value`, if it is a word of the list. Operations on task definitions answer with Client instead."""
    if value is None or value not in allowed:
        raise error(f"{name} should be one of [{','.join(allowed)}]")
    return value


def checked(
    name: str, values: Iterable[str], allowed: Collection[str], error: type[ClientError] = InvalidParameter
) -> list[str]:
    return [one_of(name, value, allowed, error) for value in values]
