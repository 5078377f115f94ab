"""Load balancers and what belongs to them, made in a line."""

from typing import Any

from inprocess import ACCOUNT, GROUP, OTHER_SUBNET, REGION, SUBNET, Plane
from podium.ec2.defaults import network
from podium.ec2.records import Vpc

HOME = f"aws:{REGION}:{ACCOUNT}"
VPC = next(vpc.id for vpc in network(HOME).rows[Vpc].values())
ELB = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
SUBNETS = [SUBNET, OTHER_SUBNET]
TEXT: dict[str, Any] = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "ok"}
FIXED: list[dict[str, Any]] = [{"Type": "fixed-response", "FixedResponseConfig": TEXT}]
__all__ = ["ELB", "FIXED", "GROUP", "HOME", "SUBNETS", "VPC", "Balancing"]


class Balancing:
    """A boto3 client, and what tests ask of it most."""

    def __init__(self, plane: Plane) -> None:
        self.plane, self.client = plane, plane.client("elbv2")

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def balancer(self, name: str = "web", **members: Any) -> dict[str, Any]:
        where = {} if "SubnetMappings" in members else {"Subnets": SUBNETS}
        made = self.client.create_load_balancer(**{"Name": name, **where, **members})
        found: dict[str, Any] = made["LoadBalancers"][0]
        return found

    def arn(self, name: str = "web", **members: Any) -> str:
        return str(self.balancer(name, **members)["LoadBalancerArn"])

    def network(self, name: str = "net", **members: Any) -> str:
        return self.arn(name, Type="network", **members)

    def group(self, name: str = "blue", **members: Any) -> str:
        given = {"Name": name, "Protocol": "HTTP", "Port": 80, "VpcId": VPC, "TargetType": "ip", **members}
        made = self.client.create_target_group(**{k: v for k, v in given.items() if v is not None})
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    def listener(self, balancer: str, actions: list[dict[str, Any]] = FIXED, port: int = 80, **members: Any) -> str:
        given = {"Protocol": "HTTP", "Port": port, "DefaultActions": actions, **members}
        made = self.client.create_listener(LoadBalancerArn=balancer, **given)
        return str(made["Listeners"][0]["ListenerArn"])

    def rule(self, listener: str, priority: int = 1, path: str = "/a", **members: Any) -> str:
        given = {"Conditions": [{"Field": "path-pattern", "Values": [path]}], "Actions": FIXED, **members}
        made = self.client.create_rule(ListenerArn=listener, Priority=priority, **given)
        return str(made["Rules"][0]["RuleArn"])

    def in_use(self, **members: Any) -> str:
        """A target group that a load balancer forwards to."""
        group = self.group(**members)
        self.listener(self.arn(), [forward(group)])
        return group

    def health(self, group: str, **members: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.describe_target_health(TargetGroupArn=group, **members)[
            "TargetHealthDescriptions"
        ]
        return found

    def attributes(self, kind: str, arn: str) -> dict[str, str]:
        describe = getattr(self.client, f"describe_{kind}_attributes")
        member = "".join(word.capitalize() for word in kind.split("_")) + "Arn"
        return {pair["Key"]: pair["Value"] for pair in describe(**{member: arn})["Attributes"]}


def forward(*groups: str) -> dict[str, Any]:
    if len(groups) == 1:
        return {"Type": "forward", "TargetGroupArn": groups[0]}
    return {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": arn} for arn in groups]}}
