"""EC2 as the wire sees it, and what every one of its operations has in common."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from podium.ec2 import defaults
from podium.ec2.errors import DryRun, Invalid, Missing
from podium.kernel.call import Call
from podium.kernel.errors import ClientError
from podium.store.session import Transaction
from podium.wire.service import AwsService

Request = dict[str, Any]
Answer = dict[str, Any]
Operation = Callable[[Call, Transaction, Request], Answer]

_SMALL = re.compile(r"Value '([^']+)' at '(\w+)' failed .* greater than or equal to (\d+)")
_NULL = re.compile(r"Value null at '([^']+)'")


def _invalid(operation: str, message: str) -> ClientError:
    """EC2 tells the first parameter that is missing; any other breach is an invalid value."""
    if missing := _NULL.search(message):
        return Missing(f"The request must contain the parameter {missing.group(1)}")
    if small := _SMALL.search(message):
        value, name, least = small.groups()
        return Invalid(f"Value ( {value} ) for parameter {name} is invalid. Expecting a value greater than {least}.")
    return Invalid(message)


ec2 = AwsService("ec2", invalid=_invalid)


def reads(function: Operation) -> Operation:
    """Answer an operation that only looks."""

    @wraps(function)
    def run(call: Call, tx: Transaction, request: Request) -> Answer:
        answer = function(call, tx, request)
        _really(request)
        return answer

    return ec2.operation(reads=True)(run)


def changes(function: Operation) -> Operation:
    """Answer an operation that writes: on top of the default network, which is written down first."""

    @wraps(function)
    def run(call: Call, tx: Transaction, request: Request) -> Answer:
        defaults.settle(tx, call.home)
        answer = function(call, tx, request)
        _really(request)
        return answer

    return ec2.operation(run)


def _really(request: Request) -> None:
    """A dry run goes as far as any other; then its refusal undoes what it wrote."""
    if request.get("DryRun"):
        raise DryRun
