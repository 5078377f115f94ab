"""What EC2 refuses, in its own words.

EC2's model declares no errors: the codes are those of "Error codes for the Amazon EC2 API", the sentences those
that clients have printed.
"""

from podium.kernel.errors import ClientError


class Refusal(ClientError):
    """One of EC2's many codes, which differ from noun to noun: `InvalidVpcID.NotFound`."""

    code = "InvalidParameterValue"

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]


class Invalid(ClientError):
    code = "InvalidParameterValue"


class InvalidCombination(ClientError):
    code = "InvalidParameterCombination"


class Missing(ClientError):
    code = "MissingParameter"


class DryRun(ClientError):
    code = "DryRunOperation"
    status = 412

    def __init__(self) -> None:
        super().__init__("Request would have succeeded, but DryRun flag is set.")


class DependencyViolation(ClientError):
    code = "DependencyViolation"


class NotPermitted(ClientError):
    """What the caller may not do to a thing that a service manages for them."""

    code = "OperationNotPermitted"


class NoFreeAddresses(ClientError):
    code = "InsufficientFreeAddressesInSubnet"

    def __init__(self, subnet_id: str) -> None:
        super().__init__(
            f"The specified subnet {subnet_id} does not have enough free addresses to satisfy the request."
        )


class AddressInUse(ClientError):
    code = "InvalidIPAddress.InUse"

    def __init__(self, address: str) -> None:
        super().__init__(f"The specified address is already in use: {address}.")


# noun -> (code, sentence about an id) for an id that nothing has
_NOT_FOUND = {
    "vpc": ("InvalidVpcID.NotFound", "The vpc ID '{}' does not exist"),
    "subnet": ("InvalidSubnetID.NotFound", "The subnet ID '{}' does not exist"),
    "security-group": ("InvalidGroup.NotFound", "The security group '{}' does not exist"),
    "security-group-rule": ("InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '{}' does not exist"),
    "network-interface": ("InvalidNetworkInterfaceID.NotFound", "The networkInterface ID '{}' does not exist"),
    "route-table": ("InvalidRouteTableID.NotFound", "The routeTable ID '{}' does not exist"),
    "internet-gateway": ("InvalidInternetGatewayID.NotFound", "The internetGateway ID '{}' does not exist"),
    "natgateway": ("NatGatewayNotFound", "The Nat Gateway {} was not found"),
    "elastic-ip": ("InvalidAllocationID.NotFound", "The allocation ID '{}' does not exist"),
    "network-acl": ("InvalidNetworkAclID.NotFound", "The networkAcl ID '{}' does not exist"),
    "dhcp-options": ("InvalidDhcpOptionID.NotFound", "The dhcpOption ID '{}' does not exist"),
    "association": ("InvalidAssociationID.NotFound", "The association ID '{}' does not exist"),
    "attachment": ("InvalidAttachmentID.NotFound", "The attachment '{}' does not exist"),
    "prefix-list": ("InvalidPrefixListID.NotFound", "The prefix list ID '{}' does not exist"),
}


def not_found(noun: str, identity: str) -> Refusal:
    """`noun` is what ARNs call the thing."""
    code, sentence = _NOT_FOUND[noun]
    return Refusal(code, sentence.format(identity))
