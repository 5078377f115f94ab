"""What STS refuses, in its own words."""

from podium.kernel.errors import ClientError


class AccessDenied(ClientError):
    code = "AccessDenied"
    status = 403


class NotForAgents(ClientError):
    """A container agent's credential is good for ECS alone: it becomes nobody else."""

    code = "AccessDenied"
    status = 403

    def __init__(self, principal_arn: str, operation: str) -> None:
        super().__init__(f"User: {principal_arn} is not authorized to perform: sts:{operation}")


class Invalid(ClientError):
    code = "ValidationError"


class PackedPolicyTooLarge(ClientError):
    code = "PackedPolicyTooLarge"


class InvalidAuthorizationMessage(ClientError):
    code = "InvalidAuthorizationMessageException"

    def __init__(self) -> None:
        super().__init__("Message is not valid.")
