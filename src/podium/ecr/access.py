"""What each ECR operation asks to be allowed.

Importing this module registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Elastic Container Registry".
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from podium.ecr import names
from podium.ecr.records import Repository
from podium.ecr.service import ecr
from podium.kernel import tags
from podium.kernel.access import Ask
from podium.kernel.call import Call
from podium.store.session import Transaction

Request = Mapping[str, Any]


def asks(call: Call, tx: Transaction, operation: str, request: Request) -> Sequence[Ask]:
    return tuple(_asks(call, tx, operation, request))


def _asks(call: Call, tx: Transaction, operation: str, request: Request) -> Iterator[Ask]:
    given = {tag["Key"]: tag.get("Value", "") for tag in request.get("tags") or ()}
    said = tags.of_request(given, request.get("tagKeys") or ())
    for arn in _repositories(call, request):
        yield Ask(action=f"ecr:{operation}", resource=arn, context={**said, **_own(call, tx, arn)})
        if operation == "CreateRepository" and given:
            yield Ask(action="ecr:TagResource", resource=arn, context=said)


def _repositories(call: Call, request: Request) -> Sequence[str]:
    """Those that are named; of the operations on the registry, and on all repositories, every resource."""
    if request.get("resourceArn"):
        return (request["resourceArn"],)
    wanted = [request["repositoryName"]] if request.get("repositoryName") else request.get("repositoryNames") or ()
    return tuple(names.arn(call, name) for name in dict.fromkeys(wanted)) or ("*",)


def _own(call: Call, tx: Transaction, arn: str) -> tags.Context:
    held = tx.get(Repository, arn)
    if held is None or held.home != call.home:
        return {}
    return {**tags.of_resource(held.tags), **{f"ecr:ResourceTag/{key}": value for key, value in held.tags.items()}}


ecr.asks = asks
