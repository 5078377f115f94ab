"""What Key Management Service refuses, in its own words.

Source: AWS KMS API Reference, the errors of each operation; for sentences also what users of the aws CLI and of
Terraform have reported.
"""

from podium.kernel.errors import ClientError


class Refusal(ClientError):
    """Any of these."""


class Invalid(Refusal):
    code = "ValidationException"


class NotFound(Refusal):
    code = "NotFoundException"


class KeyNotFound(NotFound):
    def __init__(self, arn: str) -> None:
        super().__init__(f"Key '{arn}' does not exist")


class InvalidKeyId(NotFound):
    def __init__(self, given: str) -> None:
        super().__init__(f"Invalid keyId '{given}'")


class AliasNotFound(NotFound):
    def __init__(self, arn: str) -> None:
        super().__init__(f"Alias {arn} is not found.")


class NoSuchPolicy(NotFound):
    def __init__(self) -> None:
        super().__init__("No such policy exists")


class InvalidArn(Refusal):
    code = "InvalidArnException"

    def __init__(self, given: str) -> None:
        super().__init__(f"Invalid arn {given}")


class AliasExists(Refusal):
    code = "AlreadyExistsException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"An alias with the name {arn} already exists")


class InvalidAliasName(Refusal):
    code = "InvalidAliasNameException"


class Disabled(Refusal):
    code = "DisabledException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"{arn} is disabled.")


class InvalidState(Refusal):
    code = "KMSInvalidStateException"


class PendingDeletion(InvalidState):
    def __init__(self, arn: str) -> None:
        super().__init__(f"{arn} is pending deletion.")


class NotPendingDeletion(InvalidState):
    def __init__(self, arn: str) -> None:
        super().__init__(f"{arn} is not pending deletion.")


class InvalidCiphertext(Refusal):
    """AWS says no word here."""

    code = "InvalidCiphertextException"

    def __init__(self) -> None:
        super().__init__("The ciphertext is damaged, or was encrypted with another encryption context.")


class UnknownKeyOfCiphertext(Refusal):
    code = "AccessDeniedException"

    def __init__(self) -> None:
        super().__init__(
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you "
            "are not allowed to access."
        )


class IncorrectKey(Refusal):
    code = "IncorrectKeyException"

    def __init__(self) -> None:
        super().__init__("The key ID in the request does not identify a CMK that can perform this operation.")


class ManagedByAws(Refusal):
    """What the policies of AWS's own keys let nobody do but the services."""

    code = "AccessDeniedException"

    def __init__(self, principal: str, operation: str, arn: str) -> None:
        super().__init__(
            f"User: {principal} is not authorized to perform: kms:{operation} on resource: {arn} because no "
            f"resource-based policy allows the kms:{operation} action"
        )


class KeyUnavailable(Refusal):
    """The keyring does not open the key: it is another installation's, or was lost and made anew."""

    code = "KeyUnavailableException"
    status = 500


class MalformedPolicy(Refusal):
    code = "MalformedPolicyDocumentException"


class InvalidTag(Refusal):
    code = "TagException"


class Unsupported(Refusal):
    code = "UnsupportedOperationException"


class DryRun(Refusal):
    code = "DryRunOperationException"
    status = 412

    def __init__(self) -> None:
        super().__init__("The request would have succeeded, but the DryRun option is set.")


class InvalidMarker(Refusal):
    code = "InvalidMarkerException"

    def __init__(self) -> None:
        super().__init__("The marker is not valid.")
