"""The error codes of EC2, whose model declares none.

Source: Amazon EC2 API Reference, "Error codes for the Amazon EC2 API".
"""

_CODES = """
    AuthFailure CannotDelete DefaultSubnetAlreadyExistsInAvailabilityZone DefaultVpcAlreadyExists DependencyViolation
    DryRunOperation FilterLimitExceeded Gateway.NotAttached IdempotentParameterMismatch InsufficientCidrBlocks
    InsufficientFreeAddressesInSubnet InvalidAddress.NotFound InvalidAllocationID.NotFound
    InvalidAssociationID.NotFound InvalidAttachmentID.NotFound InvalidDhcpOptionID.NotFound InvalidGroup.Duplicate
    InvalidGroup.NotFound InvalidGroup.Reserved InvalidGroupId.Malformed InvalidID InvalidIPAddress.InUse
    InvalidInternetGatewayID.NotFound InvalidNetworkAclID.NotFound InvalidNetworkInterfaceID.NotFound
    InvalidPaginationToken InvalidParameterCombination InvalidParameterValue InvalidPermission.Duplicate
    InvalidPermission.NotFound InvalidPrefixListID.NotFound InvalidRoute.NotFound InvalidRouteTableID.NotFound
    InvalidSecurityGroupRuleId.NotFound InvalidSubnet.Conflict InvalidSubnet.Range InvalidSubnetID.NotFound
    InvalidVpc.Range InvalidVpcEndpointId.NotFound InvalidVpcID.NotFound MissingParameter NatGatewayNotFound
    OperationNotPermitted Resource.AlreadyAssociated RouteAlreadyExists RulesPerSecurityGroupLimitExceeded
    SecurityGroupsPerInterfaceLimitExceeded TagLimitExceeded UnsupportedOperation VPCIdNotSpecified
    DefaultVpcDoesNotExist
"""
CODES = frozenset(_CODES.split())
