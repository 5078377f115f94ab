"""What CloudWatch Logs refuses, in its own words.

Source: CloudWatch Logs API Reference, the errors of each operation; for sentences also what users of the aws CLI and of
Terraform have reported.
"""

from podium.kernel.errors import ClientError


class Invalid(ClientError):
    code = "InvalidParameterException"


class InvalidToken(Invalid):
    def __init__(self) -> None:
        super().__init__("The specified nextToken is invalid.")


class Protected(ClientError):
    code = "ValidationException"

    def __init__(self, name: str) -> None:
        super().__init__(f"The log group {name} cannot be deleted while its deletion protection is enabled.")


class AlreadyExists(ClientError):
    code = "ResourceAlreadyExistsException"


class LogGroupExists(AlreadyExists):
    def __init__(self) -> None:
        super().__init__("The specified log group already exists")


class LogStreamExists(AlreadyExists):
    def __init__(self) -> None:
        super().__init__("The specified log stream already exists")


class NotFound(ClientError):
    code = "ResourceNotFoundException"


class LogGroupNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("The specified log group does not exist.")


class LogStreamNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("The specified log stream does not exist.")


class ResourceNotFound(NotFound):
    """Of the operations on tags."""

    def __init__(self) -> None:
        super().__init__("The specified resource does not exist.")


class ResourcePolicyNotFound(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"Policy with name [{name}] does not exist")


class SubscriptionFilterNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("The specified subscription filter does not exist.")


class QueryNotFound(NotFound):
    def __init__(self, id: str) -> None:
        super().__init__(f"The query {id} does not exist. Queries are kept until Podium restarts, the last 50 of them.")


class MalformedQuery(ClientError):
    """`start` and `end` are where it is wrong, in characters."""

    code = "MalformedQueryException"

    def __init__(self, because: str, start: int = 0, end: int = 0) -> None:
        location = {"startCharOffset": start, "endCharOffset": end}
        super().__init__(f"{because} at position {start}", queryCompileError={"location": location, "message": because})


class TooManyQueries(ClientError):
    code = "LimitExceededException"

    def __init__(self, most: int) -> None:
        super().__init__(f"Account maximum query concurrency limit of [{most}] reached.")


class MetricFilterNotFound(NotFound):
    def __init__(self) -> None:
        super().__init__("The specified metric filter does not exist.")


class LimitExceeded(ClientError):
    code = "LimitExceededException"

    def __init__(self) -> None:
        super().__init__("Resource limit exceeded.")


class TooManyTags(ClientError):
    code = "TooManyTagsException"

    def __init__(self, arn: str, most: int) -> None:
        super().__init__(f"A log group can have at most {most} tags.", resourceName=arn)
