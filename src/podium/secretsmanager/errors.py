"""What Secrets Manager refuses, in its own words.

Source: Secrets Manager API Reference, the errors of each operation; for sentences also what users of the aws CLI and of
Terraform have reported.
"""

from podium.kernel.errors import ClientError

_IN_USE = "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {arn}."


class Refusal(ClientError):
    """Any of these."""


class Invalid(Refusal):
    code = "ValidationException"


class InvalidParameter(Refusal):
    code = "InvalidParameterException"


class InvalidRequest(Refusal):
    code = "InvalidRequestException"


class NotFound(Refusal):
    code = "ResourceNotFoundException"


class SecretNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("Secrets Manager can't find the specified secret.")


class VersionNotFound(NotFound):
    def __init__(self, version_id: str) -> None:
        super().__init__(f"Secrets Manager can't find the specified secret value for VersionId: {version_id}")


class StageNotFound(NotFound):
    def __init__(self, stage: str) -> None:
        super().__init__(f"Secrets Manager can't find the specified secret value for staging label: {stage}")


class StageElsewhere(InvalidRequest):
    def __init__(self) -> None:
        super().__init__("You provided a VersionStage that is not associated to the provided VersionId.")


class NoFunction(InvalidRequest):
    def __init__(self) -> None:
        super().__init__("No Lambda rotation function ARN is associated with this secret.")


class NoHook(NotFound):
    """`trouble` says why the command that there is cannot be run."""

    def __init__(self, name: str, trouble: str = "") -> None:
        if trouble:
            super().__init__(f"The command for the Lambda function {name} cannot be run: {trouble}.")
        else:
            super().__init__(
                f"There is no command to run for the Lambda function {name}: put an executable file of that name into "
                "the directory hooks of Podium's data dir, writable by its owner alone."
            )


class TokenOfAVersion(InvalidRequest):
    """What RotateSecret, which knows no TokenInUse, says of such a token."""

    def __init__(self, token: str, arn: str) -> None:
        super().__init__(_IN_USE.format(token=token, arn=arn))


class StillRotating(InvalidRequest):
    def __init__(self) -> None:
        super().__init__("A previous rotation isn't complete. That rotation will be reattempted.")


class LeftPending(InvalidRequest):
    def __init__(self, version_id: str) -> None:
        super().__init__(
            f"The staging label AWSPENDING is on version {version_id}, left by a rotation that was cancelled or put "
            "there by hand. Remove it with UpdateSecretVersionStage, then rotate."
        )


class RotationIsOver(Refusal):
    code = "AccessDeniedException"


class MarkedForDeletion(InvalidRequest):
    def __init__(self) -> None:
        super().__init__("You can't perform this operation on the secret because it was marked for deletion.")


class NameScheduledForDeletion(InvalidRequest):
    def __init__(self) -> None:
        super().__init__(
            "You can't create this secret because a secret with this name is already scheduled for deletion."
        )


class Exists(Refusal):
    code = "ResourceExistsException"


class SecretExists(Exists):
    def __init__(self, name: str) -> None:
        super().__init__(f"The operation failed because the secret {name} already exists.")


class TokenInUse(Exists):
    def __init__(self, token: str, arn: str) -> None:
        super().__init__(_IN_USE.format(token=token, arn=arn))


class TooManyStages(Refusal):
    code = "LimitExceededException"

    def __init__(self, most: int) -> None:
        super().__init__(f"A secret can have at most {most} staging labels.")


class NotEncrypted(Refusal):
    """What Key Management Service says of the key."""

    code = "EncryptionFailure"

    def __init__(self, why: str) -> None:
        super().__init__(f"Secrets Manager can't encrypt the protected secret text using the provided KMS key. {why}")


class NotDecrypted(Refusal):
    """What Key Management Service says of the key."""

    code = "DecryptionFailure"

    def __init__(self, why: str) -> None:
        super().__init__(f"Secrets Manager can't decrypt the protected secret text using the provided KMS key. {why}")


class MalformedPolicy(Refusal):
    code = "MalformedPolicyDocumentException"


class PublicPolicy(Refusal):
    code = "PublicPolicyException"

    def __init__(self) -> None:
        super().__init__(PUBLIC)


PUBLIC = "The resource policy lets everybody in: name principals, or give a condition."


class InvalidNextToken(Refusal):
    code = "InvalidNextTokenException"

    def __init__(self) -> None:
        super().__init__("Invalid token.")
