"""What CloudWatch refuses, in its own words."""

from podium.kernel.errors import ClientError


class Invalid(ClientError):
    """The request breaks the model's rules, or CloudWatch's."""

    code = "ValidationError"


class Missing(ClientError):
    code = "MissingParameter"

    def __init__(self, name: str) -> None:
        super().__init__(f"The parameter {name} must be specified.")


class InvalidCombination(ClientError):
    code = "InvalidParameterCombination"


class InvalidValue(ClientError):
    code = "InvalidParameterValue"


class InvalidFormat(ClientError):
    code = "InvalidFormat"


class DashboardInvalid(ClientError):
    """`InvalidParameterInput` on the wire of the query protocol, by the model."""

    code = "DashboardInvalidInputError"

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(
            f"The field DashboardBody must be a valid JSON object: {message}",
            dashboardValidationMessages=[{"Message": message, "DataPath": path}],
        )


class DashboardNotFound(ClientError):
    code = "DashboardNotFoundError"
    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"Dashboard {name} does not exist")


class InvalidNextToken(ClientError):
    code = "InvalidNextToken"

    def __init__(self) -> None:
        super().__init__("The next token specified is invalid.")


class AlarmNotFound(ClientError):
    code = "ResourceNotFound"
    status = 404

    def __init__(self, name: str) -> None:
        super().__init__(f"Alarm {name} does not exist.")


class ResourceNotFound(ClientError):
    """Of the operations on tags, which have another error for the same."""

    code = "ResourceNotFoundException"
    status = 404

    def __init__(self, arn: str) -> None:
        super().__init__(f"The resource {arn} does not exist.")


class MetricsOff(ClientError):
    code = "NotImplemented"
    status = 501

    def __init__(self) -> None:
        super().__init__("This Podium was started with --metrics off, so it keeps none.")
