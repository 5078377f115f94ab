"""One HTTP request, answered: proved, routed, parsed, allowed, run in the core, entered in the journal, written.

What asks for metrics or log events is allowed in the core too, and then leaves it: journals are looked at in threads.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from ipaddress import IPv6Address, ip_address
from itertools import count
from typing import Any

import msgspec
from botocore.model import OperationModel

from podium import audit
from podium.ecs.errors import Unsupported
from podium.journals.errors import NotWritten
from podium.journals.kept import Flow, Journals, Later
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.clock import Clock
from podium.kernel.errors import ClientError
from podium.kernel.ids import Ids
from podium.kernel.principal import Principal
from podium.kernel.sealing import Sealer
from podium.runtime.core import NotSaved
from podium.runtime.running import RunningCore
from podium.server import permission
from podium.server.callers import Callers
from podium.server.journals import JournalThreads
from podium.server.services import SERVICES
from podium.server.throttle import Throttle
from podium.store.session import Transaction
from podium.wire import claims, eventstream, http, json, refusals, signing, validate
from podium.wire.failure import Failure, failure
from podium.wire.message import Request, Response, Routed
from podium.wire.refusals import refusal
from podium.wire.service import AwsService

MOST_FLOWS = 15
# what came no other way than by an open channel is refused as a JSON client would be
_OVER_A_CHANNEL = Request("POST", "/", "", {"x-amz-target": "AmazonEC2ContainerServiceV20141113"}, b"")
ASKING_FOR_HOOKS = ("RotateSecret",)
Parse = Callable[[], dict[str, Any]]
KnownHooks = Callable[[], Awaitable[Mapping[str, str]]]
log = logging.getLogger("podium.api")


class NotAnswered(ClientError):
    """An operation of AWS that Podium has not learnt yet."""

    code = "NotImplemented"
    status = 501


class TooManyFlows(ClientError):
    code = "LimitExceededException"

    def __init__(self) -> None:
        super().__init__(f"Account maximum of {MOST_FLOWS} concurrent sessions reached.")


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


@dataclass(slots=True)
class _Answering:
    """One request on its way through the core, and what it turned out to ask for."""

    service: AwsService
    operation: str
    call: Call
    given: dict[str, Any] = field(default_factory=dict)
    asks: Sequence[Ask] = field(default_factory=tuple)

    @property
    def reads(self) -> bool:
        return self.operation in self.service.reading

    @property
    def journals(self) -> bool:
        return self.operation in self.service.journaling

    def allow(self, tx: Transaction) -> None:
        self.asks = permission.asked(self.call, tx, self.service, self.operation, self.given)
        permission.check(self.call, tx, self.service, self.asks)

    def run(self, tx: Transaction) -> dict[str, Any] | Later:
        self.allow(tx)
        result: dict[str, Any] | Later = self.work(tx)
        if not self.reads and not _goes_on(result):
            self.enter(tx, "ok")
        return result

    def finish(self, tx: Transaction, then: Callable[[Transaction], None]) -> None:
        then(tx)
        self.enter(tx, "ok")

    def work(self, on: Transaction | Journals) -> Any:
        return self.service.operations[self.operation](self.call, on, self.given)

    def enter(self, tx: Transaction, outcome: str) -> None:
        tx.append(audit.entry(self.call, self.service.name, self.operation, self.asks, outcome))


def _goes_on(result: Any) -> bool:
    """Whether the operation has a second transaction, which is the one that counts."""
    return isinstance(result, Later) and result.then is not None


class Front:
    """Answers for every service. `before` may hold a call back, and `after` its answer until the effect can be seen."""

    def __init__(
        self,
        core: RunningCore,
        callers: Callers,
        clock: Clock,
        ids: Ids,
        sealer: Sealer,
        journals: JournalThreads,
        throttle: Throttle | None = None,
        limits: Mapping[str, int] | None = None,
        hooks: KnownHooks | None = None,
    ) -> None:
        self._core, self._callers, self._clock, self._ids, self._sealer = core, callers, clock, ids, sealer
        self._journals, self._throttle, self._limits = journals, throttle, limits or {}
        self.hooks = hooks
        self._prefix, self._numbers = ids.uuid()[:24], count(1)
        self.answered: Counter[tuple[str, str, str]] = Counter()
        self._flows: Counter[str] = Counter()  # that are open, by account
        self.before: dict[str, Callable[[Call, dict[str, Any]], Awaitable[None]]] = {}
        self.after: dict[str, Callable[[Call, dict[str, Any]], Awaitable[None]]] = {}

    async def answer(self, request: Request, endpoint: str, peer: str) -> Response:
        request_id = self._request_id()
        routed: Routed | None = None
        began = time.monotonic()
        try:
            caller, proven = await self._proved(request, endpoint, peer)
            request = http.opened(request)
            routed = http.route(request)
            signing.check_scope(proven, routed, request)
            parse = partial(http.parse, routed, request)
            result = await self._run(routed, parse, self.call(caller, endpoint, request_id))
            if isinstance(result, Flow):
                response = await self._flowing(routed, result, request_id, caller.principal.account)
            else:
                response = http.serialize(routed, result, request_id)
            self._note(routed, "ok", request_id, began)
        except Exception as error:
            self._failed(routed, error, request_id, began)
            return http.refuse(routed, error, request, request_id)
        return response

    async def caller(self, request: Request, endpoint: str, peer: str) -> Caller:
        """Raises the error of a missing, unknown, wrong or stale signature, and of root's over a plain wire."""
        caller, _ = await self._proved(request, endpoint, peer)
        return caller

    async def _proved(self, request: Request, endpoint: str, peer: str) -> tuple[Caller, signing.Proven]:
        now = self._clock.now()
        claim = claims.claim_of(request)
        key = await self._callers.key(claim, now)
        proven = signing.proved(request, claim, key.secret if key else None, now)
        assert key is not None, "nothing is proved without a secret"
        principal = key.principal
        if principal.has_expired(now):
            raise refusal(refusals.EXPIRED_SESSION, request)
        if principal.is_root and endpoint.startswith("http:") and not is_this_machine(peer):
            raise RootOverPlainHttp
        agent = request.headers.get("user-agent", "")
        return Caller(principal, proven.access_key_id, proven.region, peer, agent), proven

    def call(self, caller: Caller, endpoint: str, request_id: str = "") -> Call:
        return Call(
            account=caller.principal.account,
            region=caller.region,
            principal=caller.principal,
            now=self._clock.now(),
            ids=self._ids,
            sealer=self._sealer,
            request_id=request_id or self._request_id(),
            access_key_id=caller.access_key_id,
            endpoint=endpoint,
            source_ip=caller.source_ip,
            user_agent=caller.user_agent,
            limits=self._limits,
        )

    def _request_id(self) -> str:
        """No other request has it. To guess one is no use to anybody, so chance is asked once alone."""
        return f"{self._prefix}{next(self._numbers):012x}"

    async def _flowing(self, routed: Routed, flow: Flow, request_id: str, account: str) -> Response:
        """Begun already: it is counted, and misses nothing from here on. Raises TooManyFlows."""
        headers = {"content-type": eventstream.CONTENT_TYPE, "x-amzn-RequestId": request_id}
        events = self._flow(routed.operation, flow, account)
        return Response(200, headers, await anext(events), flow=events)

    async def _flow(self, operation: OperationModel, flow: Flow, account: str) -> AsyncGenerator[bytes, None]:
        if self._flows[account] >= MOST_FLOWS:
            raise TooManyFlows
        ends = time.monotonic() + flow.lasts
        self._flows[account] += 1
        try:
            await self._journals.call(flow.look)
            yield eventstream.beginning() + eventstream.event(operation, *flow.first)
            while time.monotonic() < ends:
                await asyncio.sleep(flow.every)
                looked = await self._journals.call(flow.look)
                yield eventstream.event(operation, *await self._core.read(partial(_told, flow, looked)))
            yield eventstream.event(operation, *flow.over)
        finally:
            self._flows[account] -= 1

    async def take(self, told: object, caller: Caller, endpoint: str) -> Failure | None:
        """SubmitTaskStateChange as it comes over an agent's channel: None once it is durable, else the refusal.

        The credential that opened the channel must still be good. What is taken makes no line in the log: every task
        of every host would make several.
        """
        began, routed = time.monotonic(), http.named("ecs", "SubmitTaskStateChange")
        call = self.call(caller, endpoint)
        try:
            if caller.principal.has_expired(call.now):
                raise refusal(refusals.EXPIRED_SESSION, _OVER_A_CHANNEL)
            if not await self._callers.still_knows(caller.access_key_id, caller.principal):
                raise refusal(refusals.UNKNOWN_KEY, _OVER_A_CHANNEL)
            await self._run(routed, partial(json.read, routed.operation, told), call)
        except Exception as error:
            self._failed(routed, error, call.request_id, began)
            return failure(routed.service, error, call.request_id)
        self.answered[routed.service, routed.operation.name, "ok"] += 1
        return None

    async def _run(self, routed: Routed, parse: Parse, call: Call) -> dict[str, Any] | Flow:
        name = routed.operation.name
        service = SERVICES.get(routed.service)
        if service is None or name not in service.operations:
            raise not_answered(routed.service, name, service.not_yet.get(name, "") if service else "")
        if self._throttle is not None:
            self._throttle.take(call.account, call.region, routed.service, name, call.now)
        try:
            return await self._entered(_Answering(service, name, call), routed, parse)
        except (NotSaved, NotWritten) as error:
            raise NotKept(str(error)) from error

    async def _entered(self, this: _Answering, routed: Routed, parse: Parse) -> dict[str, Any] | Flow:
        """The answer; a mutating call is in the journal even when it is refused."""
        try:
            return await self._carried_out(this, routed, parse)
        except ClientError as error:
            code = error.code
            if not this.reads:
                await self._core.call(lambda tx: this.enter(tx, code))
            raise

    async def _carried_out(self, this: _Answering, routed: Routed, parse: Parse) -> dict[str, Any] | Flow:
        this.given = parse()
        validate.check(routed, this.given, this.service.invalid, words=this.service.words)
        if this.operation in ASKING_FOR_HOOKS and self.hooks is not None:
            this.call = msgspec.structs.replace(this.call, hooks=await self.hooks())
        if this.operation in self.before:
            await self.before[this.operation](this.call, this.given)
        if this.journals:
            await self._core.read(this.allow)
            return await self._journals.call(this.work)
        result = await (self._core.read(this.run) if this.reads else self._core.call(this.run))
        if isinstance(result, Flow):
            return result
        if isinstance(result, Later):
            then, result = result.then, await self._journals.call(result.work)
            if then is not None:
                await self._core.call(lambda tx: this.finish(tx, then))
        if this.operation in self.after:
            await self.after[this.operation](this.call, result)
        return result

    def _failed(self, routed: Routed | None, error: Exception, request_id: str, began: float) -> None:
        if not isinstance(error, ClientError):
            log.exception("request failed request_id=%s", request_id)
        self._note(routed, getattr(error, "code", "ServerException"), request_id, began)

    def _note(self, routed: Routed | None, outcome: str, request_id: str, began: float) -> None:
        name = routed.operation.name if routed else "-"
        self.answered[(routed.service if routed else "-", name, outcome)] += 1
        spent = (time.monotonic() - began) * 1000
        log.info("request operation=%s outcome=%s ms=%.1f request_id=%s", name, outcome, spent, request_id)


def _told(flow: Flow, looked: Any, tx: Transaction) -> tuple[str, dict[str, Any]]:
    return flow.tell(tx, looked)


def is_this_machine(peer: str) -> bool:
    """Whether the address is a loopback one; on a socket for both kinds, IPv4 comes in IPv6's clothes."""
    try:
        address = ip_address(peer)
    except ValueError:
        return False
    inner = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (inner or address).is_loopback


class RootOverPlainHttp(ClientError):
    code = "AccessDeniedException"
    status = 403

    def __init__(self) -> None:
        super().__init__(
            "The root key is refused over plain HTTP from another host. Use HTTPS, or call from this machine."
        )


def not_answered(service: str, operation: str, missing: str = "") -> ClientError:
    because = f": {missing}" if missing else ""
    sentence = f"Podium does not answer {service} {operation} yet{because}. docs/coverage.md lists what works."
    return Unsupported(sentence) if service == "ecs" else NotAnswered(sentence)
