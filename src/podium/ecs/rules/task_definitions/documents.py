"""A task definition's document, and the walks over it that many rules share."""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from podium.ecs.errors import Client

Document = dict[str, Any]
Rule = Callable[[Document], None]


def containers(document: Document) -> Iterator[Document]:
    return iter(document["containerDefinitions"])


def mappings(document: Document) -> Iterator[tuple[Document, Document]]:
    """Every port mapping with the container it is of."""
    return ((c, m) for c in containers(document) for m in c["portMappings"])


def one_of(name: str, value: str | None, allowed: Collection[str]) -> None:
    """Task definitions answer ClientException where other requests answer InvalidParameterException."""
    if value not in allowed:
        raise Client(f"{name} should be one of [{','.join(allowed)}]")


def within(what: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise Client(f"{what} must be between {least} and {most}.")
