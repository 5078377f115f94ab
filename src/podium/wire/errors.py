"""What goes wrong before an operation runs."""

from typing import Any

from podium.kernel.errors import ClientError


class SerializationException(ClientError):
    """The body cannot be read, or a value in it has the wrong type."""

    code = "SerializationException"


class UnknownOperationException(ClientError):
    code = "UnknownOperationException"

    def __init__(self) -> None:
        super().__init__("The action or operation requested is invalid. Verify that the action is typed correctly.")


class InvalidAction(ClientError):
    """The query protocols' unknown operation."""

    code = "InvalidAction"

    def __init__(self, action: str) -> None:
        super().__init__(f"The action {action} is not valid for this web service.")


class ValidationException(ClientError):
    code = "ValidationException"


class SignatureError(ClientError):
    """The caller could not be proved. Every protocol has its own code and status for each reason."""

    code = "InvalidSignatureException"

    def __init__(self, code: str, status: int, message: str, **members: Any) -> None:
        super().__init__(message, **members)
        self.code = code  # type: ignore[misc]
        self.status = status  # type: ignore[misc]
