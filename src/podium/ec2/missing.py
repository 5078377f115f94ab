"""What EC2 says of an id that nothing has: another code and sentence for every noun."""

from podium.ec2.errors import Refusal


class VpcNotFound(Refusal):
    code = "InvalidVpcID.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The vpc ID '{identity}' does not exist")


class SubnetNotFound(Refusal):
    code = "InvalidSubnetID.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The subnet ID '{identity}' does not exist")


class GroupNotFound(Refusal):
    code = "InvalidGroup.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The security group '{identity}' does not exist")


class RuleNotFound(Refusal):
    code = "InvalidSecurityGroupRuleId.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The security group rule ID '{identity}' does not exist")


class InterfaceNotFound(Refusal):
    code = "InvalidNetworkInterfaceID.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The networkInterface ID '{identity}' does not exist")


class AttachmentNotFound(Refusal):
    code = "InvalidAttachmentID.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The attachment '{identity}' does not exist")


class RouteTableNotFound(Refusal):
    code = "InvalidRouteTableID.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The routeTable ID '{identity}' does not exist")


class AssociationNotFound(Refusal):
    code = "InvalidAssociationID.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The association ID '{identity}' does not exist")


class InternetGatewayNotFound(Refusal):
    code = "InvalidInternetGatewayID.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The internetGateway ID '{identity}' does not exist")


class NatGatewayNotFound(Refusal):
    code = "NatGatewayNotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The Nat Gateway {identity} was not found")


class AllocationNotFound(Refusal):
    code = "InvalidAllocationID.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The allocation ID '{identity}' does not exist")


class NetworkAclNotFound(Refusal):
    code = "InvalidNetworkAclID.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The networkAcl ID '{identity}' does not exist")


class DhcpOptionsNotFound(Refusal):
    code = "InvalidDhcpOptionID.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The dhcpOption ID '{identity}' does not exist")


class PrefixListNotFound(Refusal):
    code = "InvalidPrefixListID.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The prefix list ID '{identity}' does not exist")


class EndpointNotFound(Refusal):
    code = "InvalidVpcEndpointId.NotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The Vpc Endpoint Id '{identity}' does not exist")
