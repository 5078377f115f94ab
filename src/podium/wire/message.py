"""One HTTP request in, one HTTP response out, as plain values."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass

from botocore.model import OperationModel


@dataclass(frozen=True, slots=True)
class Request:
    """`path` and `query` are as the client wrote them, undecoded; header names are lower case.

    A header that came more than once is one value here, joined by commas.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """`flow` is the rest of a body whose end is not known, as it comes; whoever sends it closes it."""

    status: int
    headers: dict[str, str]
    body: bytes
    flow: AsyncGenerator[bytes, None] | None = None


@dataclass(frozen=True, slots=True)
class Routed:
    """What a request asks for. `protocol` is the one the client speaks, not the model's first."""

    service: str
    operation: OperationModel
    protocol: str
