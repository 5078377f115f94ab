"""What each Cloud Map operation asks to be allowed.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Cloud Map".
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.servicediscovery import names
from podium.servicediscovery.records import Namespace, Service
from podium.servicediscovery.service import servicediscovery
from podium.store.session import Transaction

Request = Mapping[str, Any]
Context = dict[str, str | tuple[str, ...]]
Found = Callable[[Call, Request], str]


def _namespace(member: str) -> Found:
    return lambda call, request: _full(call, "namespace", request[member])


def _service(member: str) -> Found:
    return lambda call, request: _full(call, "service", request[member])


def _full(call: Call, noun: str, given: str) -> str:
    return given if given.startswith("arn:") else names.arn(call.home, noun, given)


def _new_service(call: Call, request: Request) -> str:
    given = request.get("NamespaceId") or (request.get("DnsConfig") or {}).get("NamespaceId")
    return _full(call, "namespace", given) if given else "*"


# Operations that are not here ask for all resources.
RESOURCES: dict[str, Found] = {
    "CreateService": _new_service,
    "DeleteNamespace": _namespace("Id"),
    "DeleteService": _service("Id"),
    "DeleteServiceAttributes": _service("ServiceId"),
    "DeregisterInstance": _service("ServiceId"),
    "GetInstance": _service("ServiceId"),
    "GetInstancesHealthStatus": _service("ServiceId"),
    "GetNamespace": _namespace("Id"),
    "GetService": _service("Id"),
    "GetServiceAttributes": _service("ServiceId"),
    "ListInstances": _service("ServiceId"),
    "ListTagsForResource": lambda call, request: str(request["ResourceARN"]),
    "RegisterInstance": _service("ServiceId"),
    "TagResource": lambda call, request: str(request["ResourceARN"]),
    "UntagResource": lambda call, request: str(request["ResourceARN"]),
    "UpdateHttpNamespace": _namespace("Id"),
    "UpdateInstanceCustomHealthStatus": _service("ServiceId"),
    "UpdatePrivateDnsNamespace": _namespace("Id"),
    "UpdatePublicDnsNamespace": _namespace("Id"),
    "UpdateService": _service("Id"),
    "UpdateServiceAttributes": _service("ServiceId"),
}


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    find, said = RESOURCES.get(operation), _of_tags(request)
    arn = find(call, request) if find is not None else "*"
    context = {**said, **_of_names(request), **_of_resource(tx, call, arn)}
    yield Ask(action=f"servicediscovery:{operation}", resource=arn, context=context)
    if operation.startswith("Create") and said:
        yield Ask(action="servicediscovery:TagResource", resource="*", context=said)


def _of_tags(request: Request) -> Context:
    """The tags that are given or taken away."""
    given = {tag["Key"]: tag.get("Value", "") for tag in request.get("Tags") or ()}
    keys = (*given, *(request.get("TagKeys") or ()))
    context: Context = {f"aws:RequestTag/{key}": value for key, value in given.items()}
    return {**context, "aws:TagKeys": keys} if keys else context


def _of_names(request: Request) -> Context:
    keys = {"NamespaceName": "servicediscovery:NamespaceName", "ServiceName": "servicediscovery:ServiceName"}
    return {key: request[member] for member, key in keys.items() if request.get(member)}


def _of_resource(tx: Transaction, call: Call, arn: str) -> Context:
    found = tx.get(Namespace, arn) or tx.get(Service, arn)
    if found is None or found.home != call.home:
        return {}
    key = "ServiceArn" if isinstance(found, Service) else "NamespaceArn"
    context: Context = {f"servicediscovery:{key}": arn}
    if isinstance(found, Service):
        context["servicediscovery:NamespaceArn"] = found.namespace_arn
    return {**context, **{f"aws:ResourceTag/{key}": value for key, value in found.tags.items()}}


servicediscovery.asks = asks
