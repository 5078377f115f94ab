"""Where tasks go: strategies, constraints, the cluster query language, and what stands in the way."""

from typing import Any

from parity.cases.case import ANY, Case, api, guide, issue, model, some

INVALID = "InvalidParameterException"
ON = "cluster instances web"
QUERY = guide("Cluster query language")
PREFLIGHT = issue("aws-samples/cdk-preflight, deploy log")
REASONS = guide("API failure reasons")
ALL = [ANY, ANY, ANY]


def placed(name: str, source: str, answer: dict[str, Any], given: str = ON, **members: Any) -> Case:
    return Case(name, "RunTask", {"taskDefinition": "web", **members}, given=given, source=source, answer=answer)


def refused(name: str, sentence: str | None, source: str, inferred: bool = False, **members: Any) -> Case:
    return Case(name, "RunTask", {"taskDefinition": "web", **members}, given=ON, source=source, inferred=inferred,
                refused=(INVALID, sentence))  # fmt: skip


def member_of(expression: str) -> list[dict[str, str]]:
    return [{"type": "memberOf", "expression": expression}]


def found(name: str, expression: str, instances: list[Any], given: str = "cluster instances") -> Case:
    return Case(name, "ListContainerInstances", {"filter": expression}, given=given, source=QUERY,
                answer={"containerInstanceArns": instances})  # fmt: skip


def nonsense(name: str, expression: str) -> Case:
    return Case(name, "ListContainerInstances", {"filter": expression}, given="cluster instances", source=QUERY,
                refused=(INVALID, None))  # fmt: skip


CASES = [
    placed("spread over zones takes every zone", model("PlacementStrategyType, spread"),
           {"tasks": some({"availabilityZone": "us-east-1a"}, {"availabilityZone": "us-east-1b"},
                          {"availabilityZone": "us-east-1c"})},
           count=3, placementStrategy=[{"type": "spread", "field": "attribute:ecs.availability-zone"}]),
    placed("spread over instances takes every instance", model("PlacementStrategy, field"),
           {"tasks": some({"containerInstanceArn": "{instance}"}, {"containerInstanceArn": "{instance2}"},
                          {"containerInstanceArn": "{instance3}"})},
           count=3, placementStrategy=[{"type": "spread", "field": "instanceId"}]),
    placed("host is another word for instanceId", model("PlacementStrategy, field"),
           {"tasks": some({"containerInstanceArn": "{instance}"}, {"containerInstanceArn": "{instance2}"},
                          {"containerInstanceArn": "{instance3}"})},
           count=3, placementStrategy=[{"type": "spread", "field": "host"}]),
    placed("binpack takes the fullest by memory", model("PlacementStrategyType, binpack"),
           {"tasks": [{"containerInstanceArn": "{instance2}"}]}, given=f"{ON} occupied",
           placementStrategy=[{"type": "binpack", "field": "memory"}]),
    placed("first the zones, then the fullest in them", guide("Use strategies to define Amazon ECS task placement"),
           {"tasks": some({"availabilityZone": "us-east-1a"}, {"availabilityZone": "us-east-1b"},
                          {"availabilityZone": "us-east-1c"})},
           count=3, placementStrategy=[{"type": "spread", "field": "attribute:ecs.availability-zone"},
                                       {"type": "binpack", "field": "memory"}]),
    placed("beside tasks of a group", guide("Example Amazon ECS task placement constraints, task:group"),
           {"tasks": [{"containerInstanceArn": "{instance2}"}]}, given=f"{ON} occupied",
           placementConstraints=member_of("task:group == family:web")),
    placed("and away from them", guide("Example Amazon ECS task placement constraints, not(task:group)"),
           {"tasks": [{"containerInstanceArn": "{instance3}"}]}, given=f"{ON} occupied",
           placementConstraints=member_of(
               "not(task:group == family:web) and attribute:ecs.availability-zone != us-east-1a")),
    placed("nobody is beside a group that is nowhere", guide("Cluster query language, task:group"),
           {"tasks": [], "failures": some({"reason": "MemberOf placement constraint unsatisfied."})},
           placementConstraints=member_of("task:group == databases")),
    placed("an attribute of one's own chooses", guide("Example Amazon ECS task placement constraints, custom attributes"),
           {"tasks": [{"containerInstanceArn": "{instance}"}]}, given=f"{ON} marked",
           placementConstraints=member_of("attribute:stack == prod")),
    placed("a definition's constraint holds, too", api("TaskDefinitionPlacementConstraint"),
           {"tasks": [{"availabilityZone": "us-east-1c"}]}, given="cluster instances pinned", taskDefinition="pinned"),
    placed("and against the call's nobody is left", api("RunTask", "placementConstraints"),
           {"tasks": [], "failures": some({"reason": "MemberOf placement constraint unsatisfied."})},
           given="cluster instances pinned", taskDefinition="pinned",
           placementConstraints=member_of("attribute:ecs.availability-zone == us-east-1a")),
    placed("a draining instance takes no tasks", guide("Draining Amazon ECS container instances"),
           {"tasks": []}, given=f"{ON} drained",
           placementConstraints=member_of("attribute:ecs.availability-zone == us-east-1a")),
    placed("as many as fit are placed", guide("API failure reasons, RESOURCE:CPU"),
           {"tasks": ALL, "failures": some({"reason": "RESOURCE:CPU"})}, given="cluster instances hungry",
           taskDefinition="hungry", count=4),
    refused("random has no field", "random field should not be specified.", PREFLIGHT,
            placementStrategy=[{"type": "random", "field": "instanceId"}]),
    refused("binpack has cpu and memory", "binpack field 'disk' is invalid.", PREFLIGHT,
            placementStrategy=[{"type": "binpack", "field": "disk"}]),
    refused("spread over nothing", None, model("PlacementStrategy, field"), inferred=True,
            placementStrategy=[{"type": "spread"}]),
    refused("no more than five strategies", "Maximum number of strategies is 5", issue("aws-samples/cdk-preflight rules"),
            placementStrategy=[{"type": "spread", "field": "instanceId"}] * 6),
    refused("memberOf says of what", None, model("PlacementConstraint, expression"), inferred=True,
            placementConstraints=[{"type": "memberOf"}]),
    refused("distinctInstance says no more", "distinctInstance expression should not be specified.",
            issue("hashicorp/terraform #11471"),
            placementConstraints=[{"type": "distinctInstance", "expression": ""}]),
    refused("eleven constraints of a task", None, api("RunTask", "placementConstraints"),
            placementConstraints=[{"type": "memberOf", "expression": f"attribute:a{n} exists"} for n in range(11)]),
    Case("an instance chosen by hand may be full", "StartTask",
         {"taskDefinition": "big", "containerInstances": ["{instance2}"]}, given="cluster instances big filled",
         answer={"tasks": [], "failures": [{"arn": "{instance2}", "reason": "RESOURCE:MEMORY"}]}, source=REASONS),
    Case("or have its port taken", "StartTask", {"taskDefinition": "fixed", "containerInstances": ["{instance2}"]},
         given="cluster instances fixed bound",
         answer={"tasks": [], "failures": [{"arn": "{instance2}", "reason": "RESOURCE:PORTS"}]}, source=REASONS),
    Case("or its agent away", "StartTask", {"taskDefinition": "web", "containerInstances": ["{instance}"]},
         given="cluster disconnected web", answer={"tasks": [], "failures": [{"arn": "{instance}", "reason": "AGENT"}]},
         source=REASONS),
    # the cluster query language
    found("instances whose agents are connected", "agentConnected==true", ALL),
    found("instances whose agents are not", "agentConnected==false", ["{instance}"], given="cluster disconnected"),
    found("instances without tasks", "runningTasksCount == 0", ALL),
    found("instances with a task", "runningTasksCount >= 1", ["{instance2}"], given=f"{ON} occupied running"),
    found("agents of a version or newer", "agentVersion >= 1.89.5", ALL),
    found("versions are compared by their numbers", "agentVersion < 1.100.0", ALL),
    found("instances that came after a moment", "registeredAt >= 2018-06-18T22:28:28+00:00", ALL),
    found("instances that came before it", "registeredAt < 2018-06-18", []),
    found("a pattern covers the whole value", "attribute:ecs.availability-zone =~ us-east", []),
    found("a pattern that does", "attribute:ecs.availability-zone =~ us-.*", ALL),
    found("a pattern that must not", "attribute:ecs.availability-zone !~ .*[ab]", ["{instance3}"]),
    found("operators in words", "attribute:ecs.availability-zone equals us-east-1b", ["{instance2}"]),
    found("patterns in words", "attribute:ecs.availability-zone matches us-east-1[bc]", [ANY, ANY]),
    found("existence in words", "attribute:stack not_exists", [ANY, ANY], given="cluster instances marked"),
    found("either, by sign",
          "attribute:ecs.availability-zone == us-east-1a || attribute:ecs.availability-zone == us-east-1b", [ANY, ANY]),
    found("both, by sign", "attribute:ecs.availability-zone == us-east-1a && agentConnected == true", ["{instance}"]),
    found("not, before a parenthesis", "!(attribute:ecs.availability-zone == us-east-1a)", [ANY, ANY]),
    found("and binds closer than or",
          "attribute:ecs.availability-zone == us-east-1a or attribute:ecs.availability-zone == us-east-1b and "
          "attribute:stack exists", ["{instance}"]),
    found("parentheses bind closest",
          "(attribute:ecs.availability-zone == us-east-1a or attribute:ecs.availability-zone == us-east-1b) and "
          "attribute:stack exists", ["{instance}"], given="cluster instances marked"),
    found("a list of groups", "task:group in [service:web, family:web]", ["{instance2}"], given=f"{ON} occupied"),
    nonsense("a parenthesis that nobody closes", "(attribute:a exists"),
    nonsense("a subject that nobody knows", "moonPhase == full"),
    nonsense("two comparisons without a word between", "attribute:a exists attribute:b exists"),
]  # fmt: skip
