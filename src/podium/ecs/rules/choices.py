"""Words from a fixed list. ECS checks them itself; clients do not."""

from collections.abc import Collection, Iterable

from podium.ecs.errors import InvalidParameter


def one_of(name: str, value: str | None, allowed: Collection[str]) -> str:
    if value is None or value not in allowed:
        raise InvalidParameter(f"{name} should be one of [{','.join(allowed)}]")
    return value


def checked(name: str, values: Iterable[str], allowed: Collection[str]) -> list[str]:
    return [one_of(name, value, allowed) for value in values]
