"""What STS refuses, in its own words."""

from podium.kernel.errors import ClientError


class AccessDenied(ClientError):
    code = "AccessDenied"
    status = 403


class Invalid(ClientError):
    code = "ValidationError"


class PackedPolicyTooLarge(ClientError):
    code = "PackedPolicyTooLarge"


class InvalidAuthorizationMessage(ClientError):
    code = "InvalidAuthorizationMessageException"

    def __init__(self) -> None:
        super().__init__("Message is not valid.")
