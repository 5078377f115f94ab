"""Lists that come in pages, and how long a page is."""

from typing import Any

from parity.cases.case import ABSENT, ANY, Case, api, model

INVALID = "InvalidParameterException"
TEN, TWO = [ANY] * 10, [ANY] * 2
TWELVE = "cluster web twelve"


def bounded(operation: str, given: str = "cluster", most: int = 100, **members: Any) -> list[Case]:
    """A page holds as much as is documented, and neither more nor nothing."""
    source = api(operation, "maxResults")
    return [
        Case(f"{operation} gives no page of {asked}", operation, {**members, "maxResults": asked}, given=given,
             refused=(INVALID, None), source=source)
        for asked in (0, most + 1)
    ]  # fmt: skip


CASES = [
    Case("services come ten to a page", "ListServices", {}, given=TWELVE, answer={"serviceArns": TEN, "nextToken": ANY},
         source=api("ListServices", "maxResults")),
    Case("the rest comes by the token", "ListServices", {"nextToken": "{token}"}, given=f"{TWELVE} page",
         answer={"serviceArns": TWO, "nextToken": ABSENT}, source=api("ListServices", "nextToken")),
    Case("a hundred services in a page when asked", "ListServices", {"maxResults": 100}, given=TWELVE,
         answer={"serviceArns": [*TEN, *TWO], "nextToken": ABSENT}, source=api("ListServices", "maxResults")),
    Case("a page as long as the list is the last", "ListServices", {"maxResults": 12}, given=TWELVE,
         answer={"serviceArns": [*TEN, *TWO], "nextToken": ABSENT}, source=api("ListServices", "nextToken")),
    Case("definitions come more than ten to a page", "ListTaskDefinitions", {}, given="cluster twelve-revisions",
         answer={"taskDefinitionArns": [*TEN, *TWO], "nextToken": ABSENT},
         source=api("ListTaskDefinitions", "maxResults")),
    Case("definitions are sorted by number, not by letter", "ListTaskDefinitions", {"maxResults": 3},
         given="cluster twelve-revisions",
         answer={"taskDefinitionArns": [f"{{home}}:task-definition/web:{n}" for n in (1, 2, 3)], "nextToken": ANY},
         source=api("ListTaskDefinitions", "sort")),
    Case("and from the newest when asked", "ListTaskDefinitions", {"maxResults": 3, "sort": "DESC"},
         given="cluster twelve-revisions",
         answer={"taskDefinitionArns": [f"{{home}}:task-definition/web:{n}" for n in (12, 11, 10)], "nextToken": ANY},
         source=api("ListTaskDefinitions", "sort")),
    Case("the last page of families has no token", "ListTaskDefinitionFamilies", {"maxResults": 1}, given="cluster web",
         answer={"families": ["web"], "nextToken": ABSENT}, source=api("ListTaskDefinitionFamilies", "nextToken")),
    Case("one instance to a page", "ListContainerInstances", {"maxResults": 1}, given="cluster instances",
         answer={"containerInstanceArns": [ANY], "nextToken": ANY}, source=api("ListContainerInstances", "maxResults")),
    Case("one task to a page", "ListTasks", {"maxResults": 1}, given="cluster instances web service",
         answer={"taskArns": [ANY], "nextToken": ANY}, source=api("ListTasks", "maxResults")),
    Case("one attribute to a page", "ListAttributes",
         {"targetType": "container-instance", "attributeName": "ecs.availability-zone", "maxResults": 1},
         given="cluster instances", answer={"attributes": [ANY], "nextToken": ANY},
         source=api("ListAttributes", "maxResults")),
    Case("one provider to a page", "DescribeCapacityProviders", {"maxResults": 1},
         answer={"capacityProviders": [ANY], "nextToken": ANY}, source=api("DescribeCapacityProviders", "maxResults")),
    Case("one setting to a page", "ListAccountSettings", {"effectiveSettings": True, "maxResults": 1},
         answer={"settings": [ANY], "nextToken": ANY}, source=api("ListAccountSettings", "maxResults")),
    Case("a token of another list", "ListTasks", {"nextToken": "{token}"}, given=f"{TWELVE} page",
         refused=(INVALID, None), source=api("ListTasks", "nextToken")),
    Case("a token with other words", "ListServices", {"nextToken": "{token}", "launchType": "FARGATE"},
         given=f"{TWELVE} page", refused=(INVALID, None),
         source=model("ListServicesRequest, nextToken: all other arguments are the same"), inferred=True),
    Case("a token of a list of another shape", "ListTaskDefinitions", {"nextToken": "{token}"}, given=f"{TWELVE} page",
         refused=(INVALID, None), source=api("ListTaskDefinitions", "nextToken")),
    *bounded("ListServices"),
    *bounded("ListTasks"),
    *bounded("ListContainerInstances"),
    *bounded("ListTaskDefinitions"),
    *bounded("ListTaskDefinitionFamilies"),
    *bounded("ListServiceDeployments", "cluster web empty", service="web"),
    *bounded("ListServicesByNamespace", "cluster web connected", namespace="internal"),
    *bounded("DescribeCapacityProviders", most=10),
    *bounded("ListAccountSettings", most=10),
]  # fmt: skip
