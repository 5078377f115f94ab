"""Elastic Load Balancing as the wire sees it, and what every one of its operations has in common."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from botocore import xform_name

from podium.elbv2.errors import Invalid
from podium.journals.kept import Later
from podium.kernel.call import Call
from podium.store.session import Transaction
from podium.wire import words
from podium.wire.service import AwsService

Request = dict[str, Any]
Answer = dict[str, Any]
Operation = Callable[[Call, Transaction, Request], Answer | Later]


def _invalid(operation: str, message: str) -> Invalid:
    return Invalid(message)


elbv2 = AwsService("elbv2", invalid=_invalid)


def reads(function: Operation) -> Operation:
    """Answer an operation that only looks."""
    return elbv2.operation(reads=True)(_checked(function))


def changes(function: Operation) -> Operation:
    """Answer an operation that writes."""
    return elbv2.operation(_checked(function))


def _checked(function: Operation) -> Operation:
    """Its words are looked at first: validation knows the model's lengths and ranges, but no lists."""

    @wraps(function)
    def run(call: Call, tx: Transaction, request: Request) -> Answer | Later:
        name = next(name for name in elbv2.model.operation_names if xform_name(name) == function.__name__)
        if (sentence := words.complaint(elbv2.model.operation_model(name).input_shape, request)) is not None:
            raise Invalid(sentence)
        return function(call, tx, request)

    return run
