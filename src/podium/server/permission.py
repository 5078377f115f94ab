"""Whether a caller may: root always; an agent and a rotation's hook within bounds; everyone else by policy."""

from collections.abc import Mapping, Sequence
from typing import Any

from podium import iam
from podium.ecs import bounds
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.kernel.errors import ClientError
from podium.kernel.principal import PrincipalKind
from podium.secretsmanager import bounds as bounds_of_hooks
from podium.store.session import Transaction
from podium.wire.service import AwsService

_AGENTS = (PrincipalKind.AGENT, PrincipalKind.INSTANCE)
_JUDGED_BY_BOUNDS = (*_AGENTS, PrincipalKind.HOOK)
SECRETS = "secretsmanager"
_OF_AGENTS = frozenset({("sts", "GetCallerIdentity")})
_OF_INSTANCES = _OF_AGENTS | {("logs", "CreateLogStream"), ("logs", "PutLogEvents")}
"""What is beyond ECS: of instances, what AmazonEC2ContainerServiceforEC2Role lets them do for tasks without a role."""


def asked(
    call: Call, tx: Transaction, service: AwsService, operation: str, request: Mapping[str, Any]
) -> Sequence[Ask]:
    """What the call asks for; nothing where nobody is asked. Raises the denial of what is out of an agent's bounds."""
    if service.name == "ecs":
        bounds.check(call, tx, operation, request)
    elif not bounds.still_counts(tx, call.principal):
        raise iam.CredentialsVoid(service.name)
    if call.principal.kind is PrincipalKind.PROXY:
        raise out_of_bounds(call.principal.arn, service, operation, "a proxy's key serves for its own link alone")
    if call.principal.kind is PrincipalKind.HOOK:
        mine = (service.name, operation) in _OF_AGENTS
        if not mine and not (service.name == SECRETS and bounds_of_hooks.allow(call, tx, operation, request)):
            why = "a rotation's credential is for its own secret alone"
            raise out_of_bounds(call.principal.arn, service, operation, why)
        return ()
    if call.principal.kind in _AGENTS:
        more = _OF_INSTANCES if call.principal.kind is PrincipalKind.INSTANCE else _OF_AGENTS
        if service.name != "ecs" and (service.name, operation) not in more:
            raise out_of_bounds(call.principal.arn, service, operation)
        return ()
    if call.principal.is_root and not (service.asks_root or call.principal.expires_at) and operation in service.reading:
        return ()  # whom nobody asks; a session of root's is not let into every service
    return service.asks(call, tx, operation, dict(request))


def check(call: Call, tx: Transaction, service: AwsService, asks: Sequence[Ask]) -> None:
    """Raises the service's own denial for what no policy allows."""
    if call.principal.kind not in _JUDGED_BY_BOUNDS:
        iam.authorize(call, tx, service.name, asks)


class OutOfBounds(ClientError):
    code = "AccessDeniedException"
    status = 403


class OutOfQueryBounds(OutOfBounds):
    code = "AccessDenied"


def out_of_bounds(
    principal: str,
    service: AwsService,
    operation: str,
    why: str = "a container agent's key serves for ECS alone",
) -> OutOfBounds:
    error = OutOfQueryBounds if service.model.metadata["protocol"] in ("query", "ec2") else OutOfBounds
    return error(f"{principal} may not perform {service.name}:{operation}: {why}.")
