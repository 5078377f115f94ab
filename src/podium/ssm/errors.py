"""What Parameter Store refuses, in its own words.

Source: Systems Manager API Reference, the errors of each operation; for sentences also what users of the aws CLI and
of Terraform have reported.
"""

from podium.kernel.errors import ClientError


class Refusal(ClientError):
    """Any of these."""


class Invalid(Refusal):
    code = "ValidationException"


class ReservedName(Refusal):
    code = "AccessDeniedException"

    def __init__(self, name: str) -> None:
        super().__init__(f"No access to reserved parameter name: {name}.")


class ParameterNotFound(Refusal):
    """AWS says no word here."""

    code = "ParameterNotFound"

    def __init__(self, name: str) -> None:
        super().__init__(f"Parameter {name} not found.")


class VersionNotFound(Refusal):
    code = "ParameterVersionNotFound"

    def __init__(self, selector: str, name: str) -> None:
        what = f"version {selector} of {name}" if selector.isdecimal() else f"label {selector} for parameter {name}"
        again = "version" if selector.isdecimal() else "label"
        super().__init__(f"Systems Manager could not find {what}. Verify the {again} and try again.")


class AlreadyExists(Refusal):
    code = "ParameterAlreadyExists"

    def __init__(self) -> None:
        super().__init__(
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."
        )


class TooDeep(Refusal):
    code = "HierarchyLevelLimitExceededException"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"A parameter name hierarchy can have a maximum of {most} levels. For more information, see Requirements "
            "and constraints for parameter names in the AWS Systems Manager User Guide."
        )


class TypeMismatch(Refusal):
    code = "HierarchyTypeMismatchException"

    def __init__(self) -> None:
        super().__init__(
            "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you can't change a "
            "parameter from a String type to a SecureString type. You must create a new, unique parameter."
        )


class InvalidPattern(Refusal):
    code = "InvalidAllowedPatternException"

    def __init__(self) -> None:
        super().__init__("The request doesn't meet the regular expression requirement.")


class PatternMismatch(Refusal):
    code = "ParameterPatternMismatchException"

    def __init__(self, pattern: str) -> None:
        super().__init__(f"Parameter value, cannot be validated against allowedPattern: {pattern}")


class MaxVersions(Refusal):
    code = "ParameterMaxVersionLimitExceeded"

    def __init__(self, name: str, oldest: int) -> None:
        super().__init__(
            f"You attempted to create a new version of {name} by calling the PutParameter API with the overwrite flag. "
            f"Version {oldest}, the oldest version, can't be deleted because it has a label associated with it. Move "
            "the label to another version of the parameter, and try again."
        )


class TooManyLabels(Refusal):
    code = "ParameterVersionLabelLimitExceeded"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"A parameter version can have maximum {most} labels.Move one or more labels to another version and try "
            "again."
        )


class NoPolicies(Refusal):
    code = "InvalidPolicyTypeException"

    def __init__(self) -> None:
        super().__init__("Podium does not carry out the policies of parameters yet: leave out Policies.")


class InvalidKeyId(Refusal):
    """What Key Management Service says of the key."""

    code = "InvalidKeyId"


class Unopened(Refusal):
    """The keyring does not open the value: it is another installation's, or was lost and made anew."""

    code = "InternalServerError"
    status = 500


class InvalidFilterKey(Refusal):
    code = "InvalidFilterKey"

    def __init__(self, key: str, valid: str) -> None:
        super().__init__(f"The following filter key is not valid: {key}. Valid filter keys include: [{valid}].")


class InvalidFilterOption(Refusal):
    code = "InvalidFilterOption"

    def __init__(self, option: str, valid: str) -> None:
        super().__init__(f"The following filter option is not valid: {option}. Valid options include: [{valid}].")


class InvalidFilterValue(Refusal):
    code = "InvalidFilterValue"


class InvalidNextToken(Refusal):
    code = "InvalidNextToken"

    def __init__(self) -> None:
        super().__init__("The specified token isn't valid.")


class InvalidResourceType(Refusal):
    code = "InvalidResourceType"

    def __init__(self, kind: str) -> None:
        super().__init__(f"{kind} is not a valid resource type here: Podium has tags for the type Parameter.")


class InvalidResourceId(Refusal):
    code = "InvalidResourceId"

    def __init__(self, given: str) -> None:
        super().__init__(f'The resource ID "{given}" is not valid. Verify the ID and try again.')


class TooManyTags(Refusal):
    code = "TooManyTagsError"

    def __init__(self, most: int) -> None:
        super().__init__(f"The number of tags on a parameter can't exceed {most}.")


class SessionNotFound(Refusal):
    code = "DoesNotExistException"

    def __init__(self, session_id: str) -> None:
        super().__init__(f"Session {session_id} does not exist, or is over.")
