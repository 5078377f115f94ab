"""Operations on objects: the bucket is found in the core, and what is done is done with the journal, in a thread."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from podium.journals.kept import Later
from podium.journals.objects import Objects
from podium.kernel.call import Call
from podium.s3 import names
from podium.s3.service import s3
from podium.store.session import Transaction

Request = dict[str, Any]
Operation = Callable[[Call, Objects, str, Request], dict[str, Any]]


def on_objects(function: Operation) -> Operation:
    """Answer an operation with the journal of objects and the key of the bucket that the request names."""

    @wraps(function)
    def run(call: Call, tx: Transaction, request: Request) -> Later:
        bucket = names.key(names.bucket(call, tx, request["Bucket"]))
        return Later(lambda journals: function(call, journals.objects, bucket, request))

    s3.operation(reads=True)(run)
    return function
