"""What EC2 refuses, in its own words.

EC2's model declares no errors: the codes are those of "Error codes for the Amazon EC2 API", the sentences those
that clients have printed.
"""

from podium.kernel.errors import ClientError


class Refusal(ClientError):
    """Any of these. What ECS repeats of a refusal is its `code` and its sentence."""


class Invalid(Refusal):
    code = "InvalidParameterValue"


class InvalidCombination(Refusal):
    code = "InvalidParameterCombination"


class Missing(Refusal):
    code = "MissingParameter"


class Unsupported(Refusal):
    """What EC2 has and Podium's networks do not."""

    code = "UnsupportedOperation"


class DryRun(Refusal):
    code = "DryRunOperation"
    status = 412

    def __init__(self) -> None:
        super().__init__("Request would have succeeded, but DryRun flag is set.")


class AuthFailure(Refusal):
    """What the caller may not do to a thing that a service manages for them."""

    code = "AuthFailure"

    def __init__(self) -> None:
        super().__init__("You do not have permission to access the specified resource.")


class NotPermitted(Refusal):
    code = "OperationNotPermitted"


class DependencyViolation(Refusal):
    code = "DependencyViolation"


class AlreadyAssociated(Refusal):
    code = "Resource.AlreadyAssociated"


class TokenMismatch(Refusal):
    code = "IdempotentParameterMismatch"


class InvalidToken(Refusal):
    code = "InvalidPaginationToken"


class InvalidId(Refusal):
    code = "InvalidID"


class TooManyTags(Refusal):
    code = "TagLimitExceeded"


class TooManyValues(Refusal):
    code = "FilterLimitExceeded"


class VpcRange(Refusal):
    code = "InvalidVpc.Range"


class SubnetRange(Refusal):
    code = "InvalidSubnet.Range"


class SubnetConflict(Refusal):
    code = "InvalidSubnet.Conflict"


class DefaultVpcExists(Refusal):
    code = "DefaultVpcAlreadyExists"


class NoDefaultVpc(Refusal):
    code = "DefaultVpcDoesNotExist"


class VpcNotSpecified(Refusal):
    code = "VPCIdNotSpecified"

    def __init__(self) -> None:
        super().__init__("No default VPC for this user")


class DefaultSubnetExists(Refusal):
    code = "DefaultSubnetAlreadyExistsInAvailabilityZone"


class NoFreeBlock(Refusal):
    code = "InsufficientCidrBlocks"


class NoFreeAddresses(Refusal):
    code = "InsufficientFreeAddressesInSubnet"

    def __init__(self, subnet_id: str) -> None:
        super().__init__(
            f"The specified subnet {subnet_id} does not have enough free addresses to satisfy the request."
        )


class AddressInUse(Refusal):
    code = "InvalidIPAddress.InUse"


class GroupDuplicate(Refusal):
    code = "InvalidGroup.Duplicate"


class GroupReserved(Refusal):
    code = "InvalidGroup.Reserved"


class GroupIdMalformed(Refusal):
    code = "InvalidGroupId.Malformed"


class NoSuchGroup(Refusal):
    """By name, or not where it would have to be."""

    code = "InvalidGroup.NotFound"


class CannotDelete(Refusal):
    code = "CannotDelete"


class TooManyGroups(Refusal):
    code = "SecurityGroupsPerInterfaceLimitExceeded"


class TooManyRules(Refusal):
    code = "RulesPerSecurityGroupLimitExceeded"


class PermissionDuplicate(Refusal):
    code = "InvalidPermission.Duplicate"

    def __init__(self, rule: str) -> None:
        super().__init__(f'the specified rule "{rule}" already exists')


class PermissionNotFound(Refusal):
    code = "InvalidPermission.NotFound"

    def __init__(self) -> None:
        super().__init__("The specified rule does not exist in this security group.")


class RouteExists(Refusal):
    code = "RouteAlreadyExists"


class RouteNotFound(Refusal):
    code = "InvalidRoute.NotFound"


class NotAttached(Refusal):
    code = "Gateway.NotAttached"


class AddressNotFound(Refusal):
    code = "InvalidAddress.NotFound"
