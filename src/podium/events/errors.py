"""What EventBridge refuses, in its own words.

Source: Amazon EventBridge API Reference, the errors of each operation; for sentences also what users of the aws CLI and
of Terraform have reported.
"""

from podium.kernel.errors import ClientError


class Invalid(ClientError):
    code = "ValidationException"


class InvalidEventPattern(ClientError):
    code = "InvalidEventPatternException"

    def __init__(self, reason: str) -> None:
        super().__init__(f"Event pattern is not valid. Reason: {reason}")


class NotFound(ClientError):
    code = "ResourceNotFoundException"


class RuleNotFound(NotFound):
    def __init__(self, name: str, bus: str) -> None:
        super().__init__(f"Rule {name} does not exist on EventBus {bus}.")


class EventBusNotFound(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"Event bus {name} does not exist.")


class EventSourceNotFound(NotFound):
    def __init__(self, name: str) -> None:
        super().__init__(f"Event source {name} does not exist.")


class ResourceNotFound(NotFound):
    """Of the operations on tags."""

    def __init__(self, arn: str) -> None:
        super().__init__(f"Resource {arn} does not exist.")


class NoPermission(NotFound):
    def __init__(self) -> None:
        super().__init__("Statement with the provided id does not exist.")


class EventBusExists(ClientError):
    code = "ResourceAlreadyExistsException"

    def __init__(self, name: str) -> None:
        super().__init__(f"Event bus {name} already exists.")


class LimitExceeded(ClientError):
    code = "LimitExceededException"

    def __init__(self) -> None:
        super().__init__("The requested resource exceeds the maximum number allowed.")
