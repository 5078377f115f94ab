"""What IAM refuses, in its own words."""

from podium.kernel.errors import ClientError


class NoSuchEntity(ClientError):
    code = "NoSuchEntity"
    status = 404


class EntityAlreadyExists(ClientError):
    code = "EntityAlreadyExists"
    status = 409


class DeleteConflict(ClientError):
    code = "DeleteConflict"
    status = 409


class LimitExceeded(ClientError):
    code = "LimitExceeded"
    status = 409


class MalformedPolicyDocument(ClientError):
    code = "MalformedPolicyDocument"


class InvalidInput(ClientError):
    code = "InvalidInput"


class UnmodifiableEntity(ClientError):
    code = "UnmodifiableEntity"

    def __init__(self, role_name: str) -> None:
        super().__init__(
            f"Cannot perform the operation on the protected role '{role_name}' - this role is only modifiable by AWS"
        )


class PolicyNotAttachable(ClientError):
    code = "PolicyNotAttachable"


class Invalid(ClientError):
    code = "ValidationError"


def not_found(noun: str, name: str) -> NoSuchEntity:
    return NoSuchEntity(f"The {noun} with name {name} cannot be found.")


def quota(name: str, most: int) -> LimitExceeded:
    return LimitExceeded(f"Cannot exceed quota for {name}: {most}")
