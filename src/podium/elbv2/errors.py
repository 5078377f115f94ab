"""What Elastic Load Balancing refuses, in its own words.

The codes are those of the service model, where they lack the `Exception` of their shapes' names.
"""

from podium.kernel.errors import ClientError


class Refusal(ClientError):
    """Any of these."""


class Invalid(Refusal):
    """The request breaks the model's rules, or Elastic Load Balancing's."""

    code = "ValidationError"


class InvalidConfiguration(Refusal):
    code = "InvalidConfigurationRequest"


class LogBucketDenied(InvalidConfiguration):
    """There is no such bucket of the account, or its policy does not let Elastic Load Balancing put objects into it."""

    def __init__(self, bucket: str) -> None:
        super().__init__(f"Access Denied for bucket: {bucket}. Please check S3bucket permission")


class NotYet(InvalidConfiguration):
    """What Elastic Load Balancing has and Podium does not."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Podium does not answer for {what} yet.")


class LoadBalancerNotFound(Refusal):
    code = "LoadBalancerNotFound"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Load balancer '{arn}' not found")


class LoadBalancersNotFound(Refusal):
    code = "LoadBalancerNotFound"

    def __init__(self, names: str | None = None) -> None:
        super().__init__(f"Load balancers '[{names}]' not found" if names else "One or more load balancers not found")


class TargetGroupNotFound(Refusal):
    code = "TargetGroupNotFound"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Target group '{arn}' not found")


class TargetGroupsNotFound(Refusal):
    code = "TargetGroupNotFound"

    def __init__(self) -> None:
        super().__init__("One or more target groups not found")


class ListenerNotFound(Refusal):
    code = "ListenerNotFound"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Listener '{arn}' not found")


class ListenersNotFound(Refusal):
    code = "ListenerNotFound"

    def __init__(self) -> None:
        super().__init__("One or more listeners not found")


class RuleNotFound(Refusal):
    code = "RuleNotFound"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Rule '{arn}' not found")


class RulesNotFound(Refusal):
    code = "RuleNotFound"

    def __init__(self) -> None:
        super().__init__("One or more rules not found")


class DuplicateLoadBalancerName(Refusal):
    code = "DuplicateLoadBalancerName"

    def __init__(self, name: str) -> None:
        super().__init__(f"A load balancer with the same name '{name}' exists, but with different settings")


class DuplicateTargetGroupName(Refusal):
    code = "DuplicateTargetGroupName"

    def __init__(self, name: str) -> None:
        super().__init__(f"A target group with the same name '{name}' exists, but with different settings")


class DuplicateListener(Refusal):
    code = "DuplicateListener"

    def __init__(self, load_balancer_arn: str) -> None:
        super().__init__(f"A listener already exists on this port for this load balancer '{load_balancer_arn}'")


class DuplicateTagKeys(Refusal):
    code = "DuplicateTagKeys"

    def __init__(self, key: str) -> None:
        super().__init__(f"Tag key was specified more than once: {key}")


class PriorityInUse(Refusal):
    code = "PriorityInUse"

    def __init__(self, priority: int) -> None:
        super().__init__(f"Priority '{priority}' is currently in use")


class ResourceInUse(Refusal):
    code = "ResourceInUse"


class NotPermitted(Refusal):
    code = "OperationNotPermitted"


class SubnetNotFound(Refusal):
    code = "SubnetNotFound"


class InvalidSubnet(Refusal):
    code = "InvalidSubnet"


class InvalidSecurityGroup(Refusal):
    code = "InvalidSecurityGroup"


class AllocationIdNotFound(Refusal):
    code = "AllocationIdNotFound"

    def __init__(self, identity: str) -> None:
        super().__init__(f"The allocation ID '{identity}' does not exist")


class InvalidTarget(Refusal):
    code = "InvalidTarget"


class InvalidAction(Refusal):
    code = "InvalidLoadBalancerAction"


class TooManyActions(Refusal):
    code = "TooManyActions"


class IncompatibleProtocols(Refusal):
    code = "IncompatibleProtocols"

    def __init__(self, target_group_arn: str, listener: str, group: str) -> None:
        super().__init__(
            f"The listener and its associated target group '{target_group_arn}' have incompatible protocols: "
            f"'{listener}' and '{group}'"
        )


class AssociationLimit(Refusal):
    code = "TargetGroupAssociationLimit"

    def __init__(self, target_group_arn: str) -> None:
        super().__init__(
            "The following target groups cannot be associated with more than one load balancer: " + target_group_arn
        )


class SslPolicyNotFound(Refusal):
    code = "SSLPolicyNotFound"

    def __init__(self, name: str) -> None:
        super().__init__(f"SSL policy '{name}' not found")


class AlpnPolicyNotFound(Refusal):
    code = "ALPNPolicyNotFound"

    def __init__(self, name: str) -> None:
        super().__init__(f"ALPN policy '{name}' not found")


class CertificateNotFound(Refusal):
    code = "CertificateNotFound"

    def __init__(self, arn: str) -> None:
        super().__init__(f"Certificate '{arn}' not found")


class TooManyCertificates(Refusal):
    code = "TooManyCertificates"


class TooManyListeners(Refusal):
    code = "TooManyListeners"


class TooManyLoadBalancers(Refusal):
    code = "TooManyLoadBalancers"


class TooManyRules(Refusal):
    code = "TooManyRules"


class TooManyTags(Refusal):
    code = "TooManyTags"


class TooManyTargetGroups(Refusal):
    code = "TooManyTargetGroups"


class TooManyUniqueTargetGroups(Refusal):
    code = "TooManyUniqueTargetGroupsPerLoadBalancer"


class TooManyTargets(Refusal):
    code = "TooManyTargets"
