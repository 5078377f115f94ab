"""What Application Auto Scaling refuses, in its own words.

Source: Application Auto Scaling API Reference, the errors of each operation; sentences that clients look for are those
that users of Terraform and Spinnaker have reported.
"""

from podium.kernel.errors import ClientError


class Invalid(ClientError):
    code = "ValidationException"


class ServiceMissing(Invalid):
    """Terraform and Spinnaker try again when they read the first four words."""

    def __init__(self, resource_id: str) -> None:
        super().__init__(f"ECS service doesn't exist: {resource_id}")


class Unsupported(Invalid):
    def __init__(self) -> None:
        super().__init__("Unsupported service namespace, resource type or scalable dimension")


class ObjectNotFound(ClientError):
    code = "ObjectNotFoundException"


class TargetNotFound(ObjectNotFound):
    def __init__(self, where: str) -> None:
        super().__init__(f"No scalable target found for {where}")


class PolicyNotFound(ObjectNotFound):
    def __init__(self, where: str) -> None:
        super().__init__(f"No scaling policy found for {where}")


class ScheduledActionNotFound(ObjectNotFound):
    def __init__(self, where: str) -> None:
        super().__init__(f"No scheduled action found for {where}")


class LimitExceeded(ClientError):
    code = "LimitExceededException"


class InvalidNextToken(ClientError):
    code = "InvalidNextTokenException"

    def __init__(self) -> None:
        super().__init__("The next token is not valid; it is one of another request, or of none.")


class ResourceNotFound(ClientError):
    """Of the operations on tags, which have another error for the same."""

    code = "ResourceNotFoundException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"The resource {arn} does not exist.", ResourceName=arn)


class TooManyTags(ClientError):
    code = "TooManyTagsException"

    def __init__(self, arn: str, most: int) -> None:
        super().__init__(f"A scalable target can have at most {most} tags.", ResourceName=arn)
