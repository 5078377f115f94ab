"""What Cloud Map refuses, in its own words.

Source: AWS Cloud Map API Reference, the errors of each operation; for sentences also what users of the AWS provider
for Terraform have reported.
"""

from podium.kernel.errors import ClientError


class InvalidInput(ClientError):
    code = "InvalidInput"


class NamespaceNotFound(ClientError):
    code = "NamespaceNotFound"

    def __init__(self, given: str) -> None:
        super().__init__(f"Namespace with ID {given} not found")


class NamespaceNameNotFound(ClientError):
    code = "NamespaceNotFound"

    def __init__(self, name: str) -> None:
        super().__init__(f"Namespace with name {name} not found")


class ServiceNotFound(ClientError):
    code = "ServiceNotFound"

    def __init__(self, given: str) -> None:
        super().__init__(f"Service with ID {given} not found")


class ServiceNameNotFound(ClientError):
    code = "ServiceNotFound"

    def __init__(self, name: str, namespace: str) -> None:
        super().__init__(f"Service with name {name} not found in namespace {namespace}")


class InstanceNotFound(ClientError):
    code = "InstanceNotFound"

    def __init__(self, instance_id: str, service_id: str) -> None:
        super().__init__(f"Instance with ID {instance_id} not found in service {service_id}")


class OperationNotFound(ClientError):
    code = "OperationNotFound"

    def __init__(self, operation_id: str) -> None:
        super().__init__(f"Operation with ID {operation_id} not found")


class NamespaceAlreadyExists(ClientError):
    code = "NamespaceAlreadyExists"

    def __init__(self, name: str, namespace_id: str, creator_request_id: str) -> None:
        super().__init__(
            f"Namespace with name {name} already exists", NamespaceId=namespace_id, CreatorRequestId=creator_request_id
        )


class ServiceAlreadyExists(ClientError):
    code = "ServiceAlreadyExists"

    def __init__(self, name: str, service_id: str, service_arn: str, creator_request_id: str) -> None:
        super().__init__(
            f"Service with name {name} already exists in the namespace",
            ServiceId=service_id,
            ServiceArn=service_arn,
            CreatorRequestId=creator_request_id,
        )


class NamespaceInUse(ClientError):
    code = "ResourceInUse"

    def __init__(self) -> None:
        super().__init__("Namespace has associated services; delete the services before deleting the namespace")


class ServiceInUse(ClientError):
    code = "ResourceInUse"

    def __init__(self) -> None:
        super().__init__("Service contains registered instances; delete the instances before deleting the service")


class CustomHealthNotFound(ClientError):
    code = "CustomHealthNotFound"

    def __init__(self, instance_id: str) -> None:
        super().__init__(f"No custom health check found for instance {instance_id}")


class InstanceLimitExceeded(ClientError):
    code = "ResourceLimitExceeded"

    def __init__(self, most: int) -> None:
        super().__init__(f"A service can have at most {most} instances; deregister some of them first")


class ServiceAttributesLimitExceeded(ClientError):
    code = "ServiceAttributesLimitExceededException"

    def __init__(self, most: int) -> None:
        super().__init__(f"A service can have at most {most} attributes")


class ResourceNotFound(ClientError):
    """Of the operations on tags, which have another error for the same."""

    code = "ResourceNotFoundException"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Resource {arn} not found")


class TooManyTags(ClientError):
    code = "TooManyTagsException"

    def __init__(self, arn: str, most: int) -> None:
        super().__init__(f"A resource can have at most {most} tags", ResourceName=arn)
