"""What the model has a list for."""

from collections.abc import Iterable

from podium.servicediscovery.errors import InvalidInput
from podium.servicediscovery.service import servicediscovery


def one_of(value: str | None, shape: str, member: str) -> None:
    """Whether the value is on the list of that shape; None is. Raises InvalidInput."""
    allowed: Iterable[str] = getattr(servicediscovery.model.shape_for(shape), "enum", ())
    if value is not None and value not in allowed:
        raise InvalidInput(
            f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(allowed)}]"
        )
