"""What ECS refuses, in its own words."""

from podium.kernel.errors import ClientError


class Client(ClientError):
    code = "ClientException"


class InvalidParameter(ClientError):
    code = "InvalidParameterException"


class Unsupported(ClientError):
    """Something ECS has and Podium does not have yet. The sentence says which."""

    code = "UnsupportedFeatureException"


class ClusterNotFound(ClientError):
    code = "ClusterNotFoundException"

    def __init__(self) -> None:
        super().__init__("Cluster not found.")


class ClusterContainsServices(ClientError):
    code = "ClusterContainsServicesException"

    def __init__(self) -> None:
        super().__init__("The Cluster cannot be deleted while Services are active.")


class ClusterContainsTasks(ClientError):
    code = "ClusterContainsTasksException"

    def __init__(self) -> None:
        super().__init__("The Cluster cannot be deleted while Tasks are active.")


class ClusterContainsContainerInstances(ClientError):
    code = "ClusterContainsContainerInstancesException"

    def __init__(self) -> None:
        super().__init__("The Cluster cannot be deleted while Container Instances are active or draining.")


class ClusterContainsCapacityProvider(ClientError):
    code = "ClusterContainsCapacityProviderException"

    def __init__(self) -> None:
        super().__init__(
            "The Cluster cannot be deleted while Cluster Scoped Capacity Providers are attached to the cluster."
        )


class NamespaceNotFound(ClientError):
    code = "NamespaceNotFoundException"

    def __init__(self) -> None:
        super().__init__("The specified namespace wasn't found.")


class ResourceInUse(ClientError):
    code = "ResourceInUseException"


class ResourceNotFound(ClientError):
    code = "ResourceNotFoundException"


class TargetNotFound(ClientError):
    code = "TargetNotFoundException"


class AttributeLimitExceeded(ClientError):
    code = "AttributeLimitExceededException"


class LimitExceeded(ClientError):
    code = "LimitExceededException"


class NoUpdateAvailable(ClientError):
    code = "NoUpdateAvailableException"


class MissingVersion(ClientError):
    code = "MissingVersionException"


class DaemonNotFound(ClientError):
    code = "DaemonNotFoundException"

    def __init__(self) -> None:
        super().__init__("Daemon not found.")


class DaemonNotActive(ClientError):
    code = "DaemonNotActiveException"

    def __init__(self) -> None:
        super().__init__("Daemon was not ACTIVE.")


class GatewayNotFound(ClientError):
    code = "GatewayNotFoundException"

    def __init__(self) -> None:
        super().__init__("Gateway not found.")


class ServiceNotFound(ClientError):
    code = "ServiceNotFoundException"

    def __init__(self) -> None:
        super().__init__("Service not found.")


class ServiceNotActive(ClientError):
    """The service exists but was deleted; the caller may create it again."""

    code = "ServiceNotActiveException"

    def __init__(self) -> None:
        super().__init__("Service was not ACTIVE.")


class ServiceDeploymentNotFound(ClientError):
    code = "ServiceDeploymentNotFoundException"

    def __init__(self) -> None:
        super().__init__("The service deployment does not exist.")


class TaskSetNotFound(ClientError):
    code = "TaskSetNotFoundException"

    def __init__(self) -> None:
        super().__init__("The specified task set does not exist.")


class PlatformUnknown(ClientError):
    code = "PlatformUnknownException"

    def __init__(self) -> None:
        super().__init__("The specified platform version does not exist.")


class PlatformIncompatible(ClientError):
    code = "PlatformTaskDefinitionIncompatibilityException"

    def __init__(self) -> None:
        super().__init__(
            "The specified platform version does not satisfy the required capabilities of the task definition."
        )


class TargetNotConnected(ClientError):
    code = "TargetNotConnectedException"

    def __init__(self) -> None:
        super().__init__("The execute command failed due to an internal error. Try again later.")


class Conflict(ClientError):
    code = "ConflictException"


class AccessDenied(ClientError):
    code = "AccessDeniedException"

    def __init__(self, principal: str, action: str) -> None:
        super().__init__(
            f"User: {principal} is not authorized to perform: {action} "
            f"because no identity-based policy allows the {action} action"
        )


class Forbidden(ClientError):
    """What a container agent's credential may never do, in our own words: AWS has no such credential."""

    code = "AccessDeniedException"

    def __init__(self, principal: str, operation: str, because: str) -> None:
        super().__init__(f"{principal} may not perform ecs:{operation}: {because}.")
