"""Elastic Load Balancing and Certificate Manager: what is shown of each thing, and what is refused in which words."""

from typing import Any

from parity.cases.case import ABSENT, ANY, Case, issue, some

TEXT = {"MessageBody": "Hello world", "StatusCode": "200", "ContentType": "text/plain"}
FIXED = [{"Type": "fixed-response", "FixedResponseConfig": TEXT}]
FORWARD = [{"Type": "forward", "TargetGroupArn": "{targets}"}]
SUBNETS = ["{subnet-a}", "{subnet-b}"]
GROUP = {"Protocol": "HTTP", "Port": 80, "VpcId": "{vpc-of-balancer}"}
GONE = "{balancer}0"


def cli(page: str) -> str:
    return f"aws-cli examples, elbv2/{page}.rst"


def elb_api(operation: str, part: str) -> str:
    return f"Elastic Load Balancing API Reference, {operation}, {part}"


def elb_guide(page: str) -> str:
    return f"User Guide for Application Load Balancers, {page}"


def shown(name: str, operation: str, request: dict[str, Any], answer: Any, source: str) -> Case:
    return Case(name, operation, request, answer=answer, given="balancer", source=source, service="elbv2")


def refused(name: str, operation: str, request: dict[str, Any], code: str, sentence: str | None, source: str) -> Case:
    return Case(name, operation, request, refused=(code, sentence), given="balancer", source=source, service="elbv2")


def listening(protocol: str = "HTTP", port: int = 81, actions: Any = FIXED, **more: Any) -> dict[str, Any]:
    return {"LoadBalancerArn": "{balancer}", "Protocol": protocol, "Port": port, "DefaultActions": actions, **more}


def attributes(**wanted: str) -> Any:
    return {"Attributes": some(*({"Key": key.replace("__", "."), "Value": value} for key, value in wanted.items()))}


def redirect(**members: str) -> list[dict[str, Any]]:
    return [{"Type": "redirect", "RedirectConfig": members}]


CASES = [
    shown("a load balancer begins by being provisioned", "CreateLoadBalancer", {"Name": "another", "Subnets": SUBNETS},
          {"LoadBalancers": [{"Type": "application", "Scheme": "internet-facing", "IpAddressType": "ipv4",
                              "VpcId": "{vpc-of-balancer}", "LoadBalancerName": "another", "SecurityGroups": [ANY],
                              "AvailabilityZones": some({"ZoneName": "us-east-1a", "SubnetId": "{subnet-a}"},
                                                        {"ZoneName": "us-east-1b", "SubnetId": "{subnet-b}"}),
                              "State": {"Code": "provisioning"}}]}, cli("create-load-balancer")),
    shown("a network load balancer has no security group unless it is given one", "CreateLoadBalancer",
          {"Name": "net", "Type": "network", "Subnets": SUBNETS[:1]},
          {"LoadBalancers": [{"Type": "network", "Scheme": "internet-facing", "SecurityGroups": ABSENT}]},
          cli("create-load-balancer")),
    shown("a target group of instances has these defaults", "CreateTargetGroup", {"Name": "new", **GROUP},
          {"TargetGroups": [{"Protocol": "HTTP", "Port": 80, "HealthCheckProtocol": "HTTP",
                             "HealthCheckPort": "traffic-port", "HealthCheckEnabled": True,
                             "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5,
                             "HealthyThresholdCount": 5, "UnhealthyThresholdCount": 2, "HealthCheckPath": "/",
                             "Matcher": {"HttpCode": "200"}, "TargetType": "instance", "ProtocolVersion": "HTTP1",
                             "IpAddressType": "ipv4"}]}, cli("create-target-group")),
    shown("a target group of TCP is checked over TCP", "CreateTargetGroup", {"Name": "new", **GROUP, "Protocol": "TCP"},
          {"TargetGroups": [{"HealthCheckProtocol": "TCP", "HealthCheckPort": "traffic-port",
                             "HealthCheckIntervalSeconds": 30, "HealthyThresholdCount": 5, "Matcher": ABSENT,
                             "HealthCheckPath": ABSENT}]}, cli("create-target-group")),
    shown("a rule has the priority that it is set to", "SetRulePriorities",
          {"RulePriorities": [{"RuleArn": "{rule}", "Priority": 5}]},
          {"Rules": [{"Priority": "5", "IsDefault": False, "RuleArn": "{rule}",
                      "Conditions": [{"Field": "path-pattern", "Values": ["/img/*"]}],
                      "Actions": [{"Type": "forward", "TargetGroupArn": "{targets}"}]}]},
          cli("set-rule-priorities")),
    shown("a host condition and a fixed response", "CreateRule",
          {"ListenerArn": "{listener}", "Priority": 5, "Actions": FIXED,
           "Conditions": [{"Field": "host-header", "HostHeaderConfig": {"Values": ["*.example.com"]}}]},
          {"Rules": [{"Priority": "5", "Actions": [{"Type": "fixed-response", "FixedResponseConfig": TEXT}],
                      "Conditions": [{"Field": "host-header", "Values": ["*.example.com"],
                                      "HostHeaderConfig": {"Values": ["*.example.com"]}}]}]}, cli("create-rule")),
    shown("a default action becomes a redirect", "ModifyListener",
          {"ListenerArn": "{listener}", "DefaultActions": redirect(Protocol="HTTPS", StatusCode="HTTP_302")},
          {"Listeners": [{"Protocol": "HTTP", "Port": 80, "DefaultActions": [
              {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "#{port}", "Host": "#{host}",
                                                      "Path": "/#{path}", "Query": "#{query}",
                                                      "StatusCode": "HTTP_302"}}]}]}, cli("modify-listener")),
    shown("attributes of an application load balancer", "DescribeLoadBalancerAttributes",
          {"LoadBalancerArn": "{balancer}"},
          attributes(access_logs__s3__enabled="false", access_logs__s3__bucket="", access_logs__s3__prefix="",
                     idle_timeout__timeout_seconds="60", deletion_protection__enabled="false",
                     routing__http2__enabled="true"), cli("describe-load-balancer-attributes")),
    shown("attributes of a target group of HTTP", "DescribeTargetGroupAttributes", {"TargetGroupArn": "{targets}"},
          attributes(stickiness__enabled="false", deregistration_delay__timeout_seconds="300",
                     stickiness__type="lb_cookie", stickiness__lb_cookie__duration_seconds="86400",
                     slow_start__duration_seconds="0"), cli("describe-target-group-attributes")),
    shown("attributes of a target group of TCP", "DescribeTargetGroupAttributes", {"TargetGroupArn": "{spare-targets}"},
          attributes(proxy_protocol_v2__enabled="false", deregistration_delay__timeout_seconds="300"),
          cli("describe-target-group-attributes")),
    shown("an attribute that is set is among them", "ModifyTargetGroupAttributes",
          {"TargetGroupArn": "{targets}",
           "Attributes": [{"Key": "deregistration_delay.timeout_seconds", "Value": "600"}]},
          attributes(deregistration_delay__timeout_seconds="600", stickiness__enabled="false"),
          cli("modify-target-group-attributes")),
    shown("how a target is", "DescribeTargetHealth", {"TargetGroupArn": "{targets}"},
          {"TargetHealthDescriptions": [{"HealthCheckPort": "80", "Target": {"Id": "172.31.0.99", "Port": 80},
                                         "TargetHealth": {"State": "initial",
                                                          "Reason": "Elb.RegistrationInProgress"}}]},
          cli("describe-target-health")),
    shown("a target that nobody registered", "DescribeTargetHealth",
          {"TargetGroupArn": "{targets}", "Targets": [{"Id": "172.31.0.98", "Port": 80}]},
          {"TargetHealthDescriptions": [{"TargetHealth": {
              "State": "unused", "Reason": "Target.NotRegistered",
              "Description": "Target is not registered to the target group"}}]}, elb_guide("Target health status")),
    shown("zones are enabled by their subnets", "SetSubnets", {"LoadBalancerArn": "{balancer}", "Subnets": SUBNETS},
          {"AvailabilityZones": some({"SubnetId": "{subnet-a}", "ZoneName": "us-east-1a"})}, cli("set-subnets")),
    shown("an account's limits", "DescribeAccountLimits", {},
          {"Limits": some({"Name": "target-groups", "Max": "3000"},
                          {"Name": "rules-per-application-load-balancer", "Max": "100"},
                          {"Name": "condition-values-per-alb-rule", "Max": "5"},
                          {"Name": "condition-wildcards-per-alb-rule", "Max": "5"},
                          {"Name": "target-groups-per-action-on-application-load-balancer", "Max": "5"})},
          cli("describe-account-limits")),
    shown("deleting what is gone succeeds", "DeleteLoadBalancer", {"LoadBalancerArn": GONE}, {},
          elb_api("DeleteLoadBalancer", "description")),
    shown("deregistering what is not registered succeeds", "DeregisterTargets",
          {"TargetGroupArn": "{targets}", "Targets": [{"Id": "172.31.0.98"}]}, {},
          elb_api("DeregisterTargets", "description")),
    refused("too many values", "CreateRule",
            {"ListenerArn": "{listener}", "Priority": 5, "Actions": FIXED,
             "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": [f"/{n}" for n in "abcdef"]}}]},
            "ValidationError", "A rule can only have '5' condition values",
            issue("aws-cloudformation/cfn-lint #3833")),
    refused("a protocol of other load balancers", "CreateListener", listening("TCP"), "ValidationError",
            "Listener protocol 'TCP' must be one of 'HTTPS, HTTP'", issue("hashicorp/terraform-provider-aws #6173")),
    refused("protocols that do not go together", "CreateListener",
            listening(actions=[{"Type": "forward", "TargetGroupArn": "{spare-targets}"}]), "IncompatibleProtocols",
            None, issue("hashicorp/terraform-provider-aws #4955")),
    refused("an address of the network has its zone", "RegisterTargets",
            {"TargetGroupArn": "{targets}", "Targets": [{"Id": "172.31.0.5", "AvailabilityZone": "all"}]},
            "ValidationError",
            "The IP address '172.31.0.5' is within the VPC, and cannot have its Availability Zone overridden to 'all' "
            "from 'us-east-1a'", issue("kubernetes-sigs/aws-load-balancer-controller #561")),
    refused("an address from elsewhere needs one", "RegisterTargets",
            {"TargetGroupArn": "{targets}", "Targets": [{"Id": "10.130.6.97"}]}, "ValidationError",
            "You must specify a valid Availability Zone or select 'all' for all enabled Availability zones, since the "
            "IP address '10.130.6.97' is outside the VPC",
            issue("kubernetes-sigs/aws-load-balancer-controller #3084")),
    refused("an attribute that there is not", "ModifyTargetGroupAttributes",
            {"TargetGroupArn": "{targets}", "Attributes": [{"Key": "stickiness.enable", "Value": "true"}]},
            "ValidationError", "Target group attribute key 'stickiness.enable' is not recognized",
            issue("hashicorp/terraform-provider-aws #19953")),
    refused("an attribute of other target groups", "ModifyTargetGroupAttributes",
            {"TargetGroupArn": "{spare-targets}", "Attributes": [{"Key": "slow_start.duration_seconds", "Value": "60"}]},
            "InvalidConfigurationRequest", None, issue("hashicorp/terraform-provider-aws #7047")),
    refused("one listener a port", "CreateListener", listening(port=80), "DuplicateListener", None,
            elb_api("CreateListener", "errors")),
    refused("one rule a priority", "CreateRule",
            {"ListenerArn": "{listener}", "Priority": 10, "Actions": FIXED,
             "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}]}, "PriorityInUse", None,
            elb_api("CreateRule", "errors")),
    refused("a target group that is used stays", "DeleteTargetGroup", {"TargetGroupArn": "{targets}"}, "ResourceInUse",
            None, elb_api("DeleteTargetGroup", "errors")),
    refused("a redirect to itself", "CreateListener", listening(actions=redirect(StatusCode="HTTP_301")),
            "InvalidLoadBalancerAction", None, elb_guide("Redirect actions")),
    refused("an application load balancer has two zones", "CreateLoadBalancer",
            {"Name": "one", "Subnets": SUBNETS[:1]}, "ValidationError", None,
            elb_api("CreateLoadBalancer", "Subnets")),
    refused("another load balancer of the name", "CreateLoadBalancer",
            {"Name": "my-load-balancer", "Subnets": SUBNETS, "Scheme": "internal"}, "DuplicateLoadBalancerName", None,
            elb_api("CreateLoadBalancer", "errors")),
    refused("a name that begins as AWS's do", "CreateLoadBalancer", {"Name": "internal-web", "Subnets": SUBNETS},
            "ValidationError", None, elb_api("CreateLoadBalancer", "Name")),
    refused("health checks of addresses cannot be disabled", "CreateTargetGroup",
            {"Name": "new", **GROUP, "HealthCheckEnabled": False}, "InvalidConfigurationRequest", None,
            elb_api("CreateTargetGroup", "HealthCheckEnabled")),
    refused("public addresses are no targets", "RegisterTargets",
            {"TargetGroupArn": "{targets}", "Targets": [{"Id": "8.8.8.8", "AvailabilityZone": "all"}]},
            "InvalidTarget", None, elb_api("CreateTargetGroup", "TargetType")),
    refused("HTTPS without a certificate", "CreateListener", listening("HTTPS", 443), "ValidationError", None,
            elb_api("CreateListener", "Certificates")),
    Case("a certificate that nobody has may go", "DeleteCertificate", {"CertificateArn": "{certificate}"}, answer={},
         given="balancer", source="AWS Certificate Manager API Reference, DeleteCertificate", service="acm"),
    Case("more than one certificate in the field", "ImportCertificate",
         {"Certificate": b"-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n", "PrivateKey": b"key"},
         refused=("ValidationException", "The certificate field contains more than one certificate. You can specify "
                                         "only one certificate in this field."),
         given="balancer", source=issue("hashicorp/terraform-provider-aws #19400"), service="acm"),
    Case("other kinds of keys are listed when asked for", "ListCertificates",
         {"Includes": {"keyTypes": ["EC_prime256v1"]}},
         answer={"CertificateSummaryList": [{"CertificateArn": "{certificate}", "Status": "ISSUED", "InUse": False}]},
         given="balancer", source="AWS Certificate Manager API Reference, Filters, keyTypes", service="acm"),
]  # fmt: skip
