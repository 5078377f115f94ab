"""The pattern language, by the examples of its documentation."""

import json
from typing import Any

import pytest

from podium.events.matchers import InvalidPattern
from podium.events.patterns import compiled

EVENT: dict[str, Any] = {
    "source": "aws.ecs",
    "resources": ["arn:aws:ecs:us-east-1:1:cluster/a", "arn:aws:ecs:us-east-1:1:cluster/b"],
    "detail": {
        "status": "STOPPED",
        "code": 137,
        "cpu": 0.5,
        "ip": "10.0.0.17",
        "gone": None,
        "essential": True,
        "empty": [],
        "file": "dir\\a*b.png",
        "containers": [{"name": "app", "exit": 1}, {"name": "side", "exit": 0}],
    },
}


def detail(**members: Any) -> dict[str, Any]:
    return {"detail": members}


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.ec2", "aws.ecs"]},
        {"resources": ["arn:aws:ecs:us-east-1:1:cluster/b"]},
        detail(code=[137.0]),
        detail(gone=[None]),
        detail(essential=[True]),
        detail(status=[{"prefix": "STOP"}]),
        detail(status=[{"prefix": {"equals-ignore-case": "stop"}}]),
        detail(status=[{"suffix": "PED"}]),
        detail(status=[{"suffix": {"equals-ignore-case": "ped"}}]),
        detail(status=[{"equals-ignore-case": "stopped"}]),
        detail(status=[{"wildcard": "S*P*D"}]),
        detail(file=[{"wildcard": "dir\\\\a\\*b.*"}]),
        detail(status=[{"anything-but": "RUNNING"}]),
        detail(status=[{"anything-but": ["RUNNING", "PENDING"]}]),
        detail(status=[{"anything-but": {"prefix": "RUN"}}]),
        detail(status=[{"anything-but": {"suffix": ["ING", "ED?"]}}]),
        detail(status=[{"anything-but": {"wildcard": "R*"}}]),
        detail(code=[{"anything-but": [0, 1]}]),
        detail(code=[{"numeric": [">", 0, "<=", 137]}]),
        detail(cpu=[{"numeric": ["=", 0.5]}]),
        detail(ip=[{"cidr": "10.0.0.0/24"}]),
        detail(other=[{"exists": False}], status=[{"exists": True}]),
        detail(empty=[{"exists": False}]),
        {"absent": {"deep": [{"exists": False}]}},
        detail(other=[{"exists": False}, "a"]),
        detail(containers={"name": ["side"], "exit": [0]}),
        {"$or": [{"source": ["aws.ec2"]}, detail(code=[137])]},
        {"source": ["aws.ecs"], "detail": {"$or": [{"code": [1]}, {"status": ["STOPPED"]}]}},
    ],
)
def test_a_pattern_is_about_the_event(pattern: dict[str, Any]) -> None:
    assert compiled(json.dumps(pattern))(EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.ec2"]},
        {"source": [{"prefix": "ecs"}]},
        detail(status=["stopped"]),
        detail(essential=[1]),
        detail(code=[{"numeric": [">", 137]}]),
        detail(status=[{"numeric": [">", 0]}]),
        detail(ip=[{"cidr": "10.0.1.0/24"}]),
        detail(status=[{"cidr": "10.0.1.0/24"}]),
        detail(status=[{"anything-but": ["STOPPED"]}]),
        detail(other=[{"anything-but": "a"}]),
        detail(other=[{"exists": True}]),
        detail(containers=[{"exists": True}]),
        detail(containers={"name": ["side"], "exit": [1]}),
        detail(status=[{"wildcard": "S*P"}]),
        {"$or": [{"source": ["aws.ec2"]}, detail(code=[1])]},
        {"source": ["aws.ecs"], "absent": ["a"]},
    ],
)
def test_a_pattern_is_not_about_the_event(pattern: dict[str, Any]) -> None:
    assert not compiled(json.dumps(pattern))(EVENT)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{", "Pattern is not valid JSON"),
        ("[]", "Pattern is not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"source": "a"}', '"source" must be an object or an array'),
        ('{"source": []}', "Empty arrays are not allowed"),
        ('{"source": [["a"]]}', "Match value must be String, number, true, false, or null"),
        ('{"source": [{"near": "a"}]}', "Unrecognized match type near"),
        ('{"source": [{"prefix": "a", "suffix": "b"}]}', "Only one key allowed in match expression"),
        ('{"source": [{"prefix": 1}]}', "prefix match pattern must be a string"),
        ('{"source": [{"wildcard": "a**"}]}', "Consecutive wildcard characters"),
        ('{"source": [{"wildcard": "a\\\\b"}]}', "Invalid escape character"),
        ('{"source": [{"numeric": ["~", 1]}]}', "Unrecognized numeric range operator: ~"),
        ('{"source": [{"numeric": [">", "1"]}]}', "Value of > must be numeric, and within 5.0e9 of zero"),
        ('{"source": [{"cidr": "10/99"}]}', "Malformed CIDR: 10/99"),
        ('{"source": [{"exists": 1}]}', "exists match pattern must be either true or false."),
        ('{"source": [{"anything-but": []}]}', "Empty arrays are not allowed"),
        ('{"source": [{"anything-but": {"numeric": ["=", 1]}}]}', "Unsupported anything-but pattern"),
        ('{"$or": [{"source": ["a"]}]}', "There must have at least 2 Objects in $or relationship."),
        ('{"$or": [1, 2]}', "Only JSON object is allowed in array of $or relationship."),
        ('{"a":' * 60 + '["b"]' + "}" * 60, "Objects are nested more than 50 deep"),
    ],
)
def test_a_pattern_that_cannot_be_says_why(pattern: str, why: str) -> None:
    with pytest.raises(InvalidPattern) as refusal:
        compiled(pattern)
    assert str(refusal.value) == why
