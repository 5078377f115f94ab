"""Where the REST services keep their operations: HTTP method, path template and query-string marks."""

import re
from dataclasses import dataclass
from functools import cache
from urllib.parse import parse_qsl, unquote

from botocore.model import OperationModel

from podium.wire.message import Request
from podium.wire.model import SERVICES, service_model

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")
_ADDRESS = re.compile(r"[\d.]+|\[[^\]]*\]")
_S3_HOST = re.compile(r"(?P<bucket>.+)\.(?:s3[.-].+|localhost)")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One operation's template. `marks` must be in the query, with that value where there is one.

    `asks` are required members outside the path: without them two S3 operations may share a template.
    """

    operation: str
    path: re.Pattern[str]
    literals: int
    marks: dict[str, str]
    asks: tuple[tuple[str, str], ...]
    current: bool
    wanted: bool

    @property
    def rank(self) -> tuple[int, int, bool, bool]:
        """What says most about a request comes first; of two that say the same, the one that is not deprecated."""
        return (len(self.marks) + len(self.asks), self.literals, self.current, self.wanted)

    def fits(self, path: str, query: dict[str, str]) -> bool:
        return self.path.fullmatch(path) is not None and all(
            name in query and value in ("", query[name]) for name, value in self.marks.items()
        )

    def has_all(self, query: dict[str, str], headers: frozenset[str]) -> bool:
        return all(name.lower() in headers if where == "header" else name in query for where, name in self.asks)


def operation_at(service: str, request: Request) -> str | None:
    """The name of the operation that `request` asks for: the one that says most about it.

    Where none has all that it must have, it is the first that fits: validation then says what is missing.
    """
    path = at_path_style(service, request).path or "/"
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    headers = frozenset(request.headers)
    fitting = [place for place in _places(service).get(request.method, ()) if place.fits(path, query)]
    whole = (place for place in fitting if place.has_all(query, headers))
    found = next(whole, fitting[0] if fitting else None)
    return found.operation if found else None


def labels(operation: OperationModel, request: Request) -> dict[str, str]:
    """The values in the path, decoded, by the template's names."""
    path = at_path_style(operation.service_model.service_name, request).path or "/"
    found = _pattern(_template(operation)).fullmatch(path)
    names = [name for name, _ in _LABEL.findall(_template(operation))]
    return {name: unquote(value) for name, value in zip(names, found.groups(), strict=True)} if found else {}


def at_path_style(service: str, request: Request) -> Request:
    """S3 buckets may be named by the host: `bucket.s3.<region>.<anywhere>`, or `bucket.localhost`."""
    if service != "s3":
        return request
    host = re.sub(r":\d+$", "", request.headers.get("host", ""))
    named = None if _ADDRESS.fullmatch(host) else _S3_HOST.fullmatch(host)
    if named is None:
        return request
    path = f"/{named['bucket']}{request.path}"
    return Request(request.method, path, request.query, request.headers, request.body)


@cache
def _places(service: str) -> dict[str, list[Place]]:
    model = service_model(service)
    places: dict[str, list[Place]] = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        places.setdefault(operation.http["method"], []).append(_place(service, operation))
    return {method: sorted(found, key=lambda place: place.rank, reverse=True) for method, found in places.items()}


def _place(service: str, operation: OperationModel) -> Place:
    template, _, query = operation.http["requestUri"].partition("?")
    return Place(
        operation=operation.name,
        path=_pattern(template),
        literals=sum(1 for part in template.split("/") if part and not part.startswith("{")),
        marks=dict(parse_qsl(query, keep_blank_values=True)),
        asks=tuple(_asked(operation)),
        current=not operation.deprecated,
        wanted=operation.name in SERVICES[service].operations,
    )


def _asked(operation: OperationModel) -> list[tuple[str, str]]:
    shape = operation.input_shape
    required = [shape.members[name] for name in shape.required_members] if shape else []
    traits = [member.serialization for member in required]
    return [(t["location"], t["name"]) for t in traits if t.get("location") in ("header", "querystring")]


def _template(operation: OperationModel) -> str:
    return str(operation.http["requestUri"]).partition("?")[0]


@cache
def _pattern(template: str) -> re.Pattern[str]:
    """A slash at the end makes no difference, but to a greedy label it belongs."""
    parts = _LABEL.split(template.rstrip("/"))
    pattern = re.escape(parts[0])
    for greedy, literal in zip(parts[2::3], parts[3::3], strict=True):
        pattern += ("(.+)" if greedy else "([^/]+)") + re.escape(literal)
    return re.compile(pattern if template.endswith("+}") else pattern + "/?")
