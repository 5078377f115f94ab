"""The cluster query language, read and applied to one container instance."""

from datetime import UTC, datetime

import pytest

from podium.ecs import query
from podium.ecs.errors import InvalidParameter
from podium.ecs.records import ContainerInstance
from podium.store.records import replace

HOST = ContainerInstance(
    arn="arn:aws:ecs:us-east-1:123456789012:container-instance/default/1",
    home="aws:us-east-1:123456789012",
    cluster_arn="arn:aws:ecs:us-east-1:123456789012:cluster/default",
    ec2_instance_id="i-0123456789abcdef0",
    cpu=4096,
    memory_mib=8192,
    attributes={"ecs.instance-type": "t2.small", "ecs.availability-zone": "us-east-1a", "gpu": None},
    custom_attributes={"stack": "prod", "rank": "9"},
    agent_connected=True,
    agent_version="1.9.0",
    registered_at=datetime(2018, 6, 18, 22, 28, 28, tzinfo=UTC),
)
FACTS = query.Facts(instance=HOST, running=3, groups=("service:production", "databases"))

TRUE = (
    "attribute:ecs.instance-type == t2.small",
    "attribute:ecs.instance-type==t2.small",
    "attribute:ecs.instance-type equals 't2.small'",
    "attribute:ecs.instance-type =~ t2.*",
    'attribute:ecs.instance-type matches "t[23]\\.small"',
    "attribute:ecs.instance-type =~ (t2|t3)\\.small",
    "attribute:ecs.instance-type !~ t2",
    "attribute:ecs.instance-type =~ (?!c4).*",
    "attribute:ecs.instance-type =~ (?!t2\\.nano|t2\\.micro).+",
    "attribute:ecs.instance-type =~ (t+)+2.(s|m|sm)*all",
    "attribute:ecs.instance-type in [t2.small, t2.medium]",
    "attribute:ecs.instance-type not_in [c4.large,c4.xlarge]",
    "attribute:ecs.instance-type != t2.large",
    "attribute:gpu exists",
    "attribute:stack exists and attribute:cage !exists",
    "attribute:cage != 4 and attribute:cage !in [4] and attribute:cage not_matches 4",
    "attribute:rank < 10",
    "attribute:stack > apple",
    "not attribute:stack == test",
    "!(attribute:stack == test)",
    "! not (attribute:stack == prod)",
    "attribute:stack == x and attribute:stack == y or attribute:stack == prod",
    "attribute:stack == prod || attribute:stack == x && attribute:stack == y",
    "attribute:stack==x||attribute:rank==9&&attribute:stack==prod",
    "attribute:stack =~ x||attribute:stack =~ (prod|test)&&attribute:rank in [9]",
    "not attribute:stack == x and attribute:stack == prod",
    "(attribute:stack == prod or attribute:stack == x) and agentConnected == true",
    "agentVersion >= 1.9 and agentVersion < 1.10.0",
    "ec2InstanceId in [i-0123456789abcdef0, i-1]",
    "registeredAt > 2018-06-18 and registeredAt <= 2018-06-18T22:28:28+00:00",
    "registeredAt < 2018-06-18T23:00:00Z and registeredAt >= 2018-06-18T22:00:00",
    "runningTasksCount >= 3 and runningTasksCount < 10",
    "task:group == service:production",
    "task:group != service:web",
    "task:group in [databases]",
    "task:group =~ service:.*",
)
MALFORMED = (
    "",
    "   ",
    "attribute:stack",
    "attribute:stack ==",
    "attribute: == x",
    "stack == prod",
    "attribute:stack = prod",
    "attribute:stack == prod and",
    "(attribute:stack == prod",
    "attribute:stack == prod)",
    "attribute:stack in prod",
    "attribute:stack in []",
    "attribute:stack in [a, b",
    "attribute:stack =~ [",
    "attribute:stack =~ (?!z)(a+)+b",
    "attribute:stack =~ (?!z)(a|aa)*b",
    "attribute:stack =~ (?!z)a*a*a*a*b",
    "attribute:stack =~ (?!z)" + "a?" * 20 + "a" * 20,
    "attribute:stack =~ (?!z)" + "(.|.|.)" * 18 + "x",
    "attribute:stack =~ (?!z)(a|b)\\1",
    "attribute:stack == a|b",
    "agentConnected > true",
    "runningTasksCount == many",
    "agentVersion == newest",
    "registeredAt > yesterday",
    "(" * 60 + "attribute:a exists" + ")" * 60,
    "attribute:stack == " + "x" * 2000,
)


@pytest.mark.parametrize("expression", TRUE)
def test_an_expression_that_holds(expression: str) -> None:
    assert query.holds(query.parsed(expression), FACTS)


@pytest.mark.parametrize("expression", TRUE)
def test_its_negation_does_not(expression: str) -> None:
    assert not query.holds(query.parsed(f"not ({expression})"), FACTS)


@pytest.mark.parametrize("expression", MALFORMED)
def test_what_is_no_expression_is_refused_in_a_sentence(expression: str) -> None:
    with pytest.raises(InvalidParameter, match="Invalid expression: "):
        query.parsed(expression)


def test_affinity_to_a_group_needs_a_task_of_it_already_there() -> None:
    assert not query.holds(query.parsed("task:group == service:web"), query.Facts(instance=HOST))


@pytest.mark.parametrize("pattern", ["(a+)+b", "(.|.|.|.|.|.|.|.|.|.)" * 18 + "x", "a?" * 60 + "a" * 60 + "b"])
def test_no_pattern_takes_long(pattern: str) -> None:
    """It would not end today, if all ways through it were tried."""
    expression = query.parsed(f"attribute:stack =~ {pattern}")
    assert not query.holds(expression, query.Facts(instance=replace(HOST, custom_attributes={"stack": "a" * 119})))
