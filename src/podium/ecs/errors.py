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


class ServiceNotFound(ClientError):
    code = "ServiceNotFoundException"

    def __init__(self) -> None:
        super().__init__("Service not found.")


class ServiceNotActive(ClientError):
    """The service exists but was deleted; the caller may create it again."""

    code = "ServiceNotActiveException"

    def __init__(self) -> None:
        super().__init__("Service was not ACTIVE.")


class Conflict(ClientError):
    code = "ConflictException"


class AccessDenied(ClientError):
    code = "AccessDeniedException"

    def __init__(self, principal: str, action: str) -> None:
        super().__init__(
            f"User: {principal} is not authorized to perform: {action} "
            f"because no identity-based policy allows the {action} action"
        )
