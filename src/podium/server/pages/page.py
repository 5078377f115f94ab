"""What a page is: a function of a signed request."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from podium import audit
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.errors import ClientError
from podium.kernel.principal import Principal
from podium.store.session import Transaction
from podium.wire.message import Request, Response


@dataclass(frozen=True, slots=True)
class Visit:
    """A request for a page, and who asks."""

    request: Request
    call: Call

    @property
    def principal(self) -> Principal:
        return self.call.principal

    def members(self) -> dict[str, Any]:
        """The JSON object in the body. Raises NotUnderstood."""
        try:
            members = json.loads(self.request.body or b"{}")
        except ValueError as error:
            raise NotUnderstood("The body is not JSON.") from error
        if not isinstance(members, dict):
            raise NotUnderstood("The body is not a JSON object.")
        return members


Page = Callable[[Visit], Awaitable[Response]]


class NotUnderstood(ClientError):
    code = "InvalidParameterException"


class RootOnly(ClientError):
    code = "AccessDeniedException"
    status = 403

    def __init__(self, what: str) -> None:
        super().__init__(f"Only the root key may {what}.")


def as_root(visit: Visit, what: str) -> None:
    if not visit.principal.is_root:
        raise RootOnly(what)


def enter(tx: Transaction, visit: Visit, outcome: str = "ok", resources: Iterable[str] = ()) -> None:
    """Into the journal, as an operation of the service `podium` that has the page's name."""
    operation = visit.request.path.rpartition("/")[2]
    asks = [Ask(action=f"podium:{operation}", resource=arn) for arn in resources]
    tx.append(audit.entry(visit.call, "podium", operation, asks, outcome))


def number(asked: Mapping[str, str], name: str, default: float) -> float:
    """A member of a query that is a number, at least 0. Raises NotUnderstood."""
    try:
        return max(0.0, float(asked.get(name, default)))
    except ValueError as error:
        raise NotUnderstood(f"{name} takes a number.") from error


def answer(value: Any, status: int = 200) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(value).encode())
