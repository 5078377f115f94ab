"""What Certificate Manager refuses, in its own words."""

from podium.kernel.errors import ClientError


class Refusal(ClientError):
    """Any of these."""


class Invalid(Refusal):
    """The request breaks the model's rules, or a certificate is none that can be used."""

    code = "ValidationException"


class InvalidParameter(Refusal):
    code = "InvalidParameterException"


class NotYet(InvalidParameter):
    """What Certificate Manager has and Podium does not."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Podium does not answer for {what} yet.")


class InvalidArgs(Refusal):
    code = "InvalidArgsException"


class InvalidArn(Refusal):
    code = "InvalidArnException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"The ARN {arn} is not the ARN of a certificate.")


class CertificateNotFound(Refusal):
    code = "ResourceNotFoundException"

    def __init__(self, arn: str) -> None:
        account = arn.split(":")[4]
        super().__init__(f"Could not find certificate {arn} in account {account}.")


class CertificateInUse(Refusal):
    code = "ResourceInUseException"

    def __init__(self, arn: str) -> None:
        account = arn.split(":")[4]
        super().__init__(f"Certificate {arn} in account {account} is in use.")


class InvalidTag(Refusal):
    code = "InvalidTagException"


class InvalidValidationOptions(Refusal):
    code = "InvalidDomainValidationOptionsException"


class TooManyTags(Refusal):
    code = "TooManyTagsException"
