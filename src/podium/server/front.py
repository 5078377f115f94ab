"""One HTTP request, answered: proved, routed, allowed, parsed, run in the core, written."""

import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from podium.ecs import operations as _ecs_operations  # noqa: F401  (registers them)
from podium.ecs.errors import AccessDenied, Unsupported
from podium.ecs.service import ecs
from podium.kernel.call import Call
from podium.kernel.clock import Clock
from podium.kernel.errors import ClientError
from podium.kernel.ids import Ids
from podium.kernel.principal import Principal
from podium.runtime.core import NotSaved
from podium.runtime.thread import CoreThread
from podium.server.keys import Keys, may
from podium.sts import operations as _sts_operations  # noqa: F401
from podium.sts.service import sts
from podium.wire import http, signing, validate
from podium.wire.message import Request, Response, Routed
from podium.wire.service import AwsService

SERVICES: dict[str, AwsService] = {service.name: service for service in (ecs, sts)}
LOOPBACK = ("127.", "::1")
log = logging.getLogger("podium.api")


class NotAnswered(ClientError):
    """An operation of AWS that Podium has not learnt yet."""

    code = "NotImplemented"
    status = 501


class NotKept(ClientError):
    """The records could not be written. The sentence says why, since the operator is often the caller."""

    code = "ServerException"
    status = 500


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a signature proved, and how they reached us."""

    principal: Principal
    access_key_id: str
    region: str
    source_ip: str = "127.0.0.1"
    user_agent: str = ""


class Front:
    """Answers for every service. `after` may hold an answer back until its effect can be seen."""

    def __init__(self, core: CoreThread, keys: Keys, clock: Clock, ids: Ids, account: str) -> None:
        self._core, self._keys, self._clock, self._ids, self._account = core, keys, clock, ids, account
        self.answered: Counter[tuple[str, str, str]] = Counter()
        self.after: dict[str, Callable[[Call, dict[str, Any]], Awaitable[None]]] = {}

    async def answer(self, request: Request, endpoint: str, peer: str) -> Response:
        request_id = self._ids.uuid()
        routed: Routed | None = None
        began = time.monotonic()
        try:
            caller, proven = self._proved(request, endpoint, peer)
            routed = http.route(request)
            signing.check_scope(proven, routed, request)
            result = await self._run(routed, request, self.call(caller, endpoint, request_id))
            response = http.serialize(routed, result, request_id)
            self._note(routed, "ok", request_id, began)
        except Exception as error:
            if not isinstance(error, ClientError):
                log.exception("request failed request_id=%s", request_id)
            self._note(routed, getattr(error, "code", "ServerException"), request_id, began)
            return http.refuse(routed, error, request, request_id)
        return response

    def caller(self, request: Request, endpoint: str, peer: str) -> Caller:
        """Raises the error of a missing, unknown, wrong or stale signature, and of root's over a plain wire."""
        return self._proved(request, endpoint, peer)[0]

    def _proved(self, request: Request, endpoint: str, peer: str) -> tuple[Caller, signing.Proven]:
        proven = signing.verify(request, self._keys.secret, self._clock.now())
        principal = self._keys.principal(proven.access_key_id)
        if principal.is_root and endpoint.startswith("http:") and not peer.startswith(LOOPBACK):
            raise RootOverPlainHttp
        return Caller(
            principal, proven.access_key_id, proven.region, peer, request.headers.get("user-agent", "")
        ), proven

    def call(self, caller: Caller, endpoint: str, request_id: str = "") -> Call:
        return Call(
            account=self._account,
            region=caller.region,
            principal=caller.principal,
            now=self._clock.now(),
            ids=self._ids,
            request_id=request_id,
            access_key_id=caller.access_key_id,
            endpoint=endpoint,
            source_ip=caller.source_ip,
            user_agent=caller.user_agent,
        )

    async def _run(self, routed: Routed, request: Request, call: Call) -> dict[str, Any]:
        name = routed.operation.name
        self._allow(call, routed.service, name)
        service = SERVICES.get(routed.service)
        operation = service.operations.get(name) if service else None
        if service is None or operation is None:
            raise not_answered(routed.service, name)
        given = http.parse(routed, request)
        validate.check(routed, given, service.invalid)
        reads = name in service.reading
        try:
            result: dict[str, Any] = await self._core.call(lambda tx: operation(call, tx, given), reads)
        except NotSaved as error:
            raise NotKept(str(error)) from error
        if name in self.after:
            await self.after[name](call, result)
        return result

    def _allow(self, call: Call, service: str, operation: str) -> None:
        principal = self._keys.principal(call.access_key_id)
        if not may(principal, operation):
            raise AccessDenied(principal.arn, f"{service}:{operation}")

    def _note(self, routed: Routed | None, outcome: str, request_id: str, began: float) -> None:
        name = routed.operation.name if routed else "-"
        self.answered[(routed.service if routed else "-", name, outcome)] += 1
        spent = (time.monotonic() - began) * 1000
        log.info("request operation=%s outcome=%s ms=%.1f request_id=%s", name, outcome, spent, request_id)


class RootOverPlainHttp(ClientError):
    code = "AccessDeniedException"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            "The root key is refused over plain HTTP from another host. Use HTTPS, or call from this machine."
        )


def not_answered(service: str, operation: str) -> ClientError:
    sentence = f"Podium does not answer {service} {operation} yet. docs/coverage.md lists what works."
    return Unsupported(sentence) if service == "ecs" else NotAnswered(sentence)
