"""Errors that reach the caller."""

from typing import Any, ClassVar


class ClientError(Exception):
    """The caller asked for something that cannot be done. Becomes a 4xx on the wire.

    Subclasses name `code`, the error's name in the AWS service model. `members` are the
    error shape's further members, such as ConflictException's `resourceIds`.
    """

    code: ClassVar[str]
    status: ClassVar[int] = 400

    def __init__(self, message: str, **members: Any) -> None:
        super().__init__(message)
        self.members = members
