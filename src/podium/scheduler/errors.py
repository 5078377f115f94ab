"""What EventBridge Scheduler refuses, in its own words.

Source: EventBridge Scheduler API Reference, the errors of each operation; for sentences also what users of Terraform
have reported.
"""

from podium.kernel.errors import ClientError


class Invalid(ClientError):
    code = "ValidationException"


class InvalidExpression(Invalid):
    def __init__(self, expression: str) -> None:
        super().__init__(f"Invalid Schedule Expression {expression}.")


class RoleNotTrusting(Invalid):
    def __init__(self) -> None:
        super().__init__("The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")


class ScheduleExists(ClientError):
    code = "ConflictException"

    def __init__(self, name: str) -> None:
        super().__init__(f"Schedule {name} already exists.")


class GroupExists(ClientError):
    code = "ConflictException"

    def __init__(self, name: str) -> None:
        super().__init__(f"Schedule group {name} already exists.")


class ScheduleNotFound(ClientError):
    code = "ResourceNotFoundException"

    def __init__(self, name: str) -> None:
        super().__init__(f"Schedule {name} does not exist.")


class GroupNotFound(ClientError):
    code = "ResourceNotFoundException"

    def __init__(self, name: str) -> None:
        super().__init__(f"Schedule group {name} does not exist.")
