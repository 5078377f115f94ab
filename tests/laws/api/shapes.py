"""Requests of every shape that a service's model allows, and of shapes that it does not."""

from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from hypothesis import strategies as st

HOME, IAM = "arn:aws:ecs:us-east-1:123456789012", "arn:aws:iam::123456789012"
NAMES = (
    "default", "other", "gone", "ghost", "web", "web:1", "web:9", "old:1", "old", "pair", "fargate", "ext", "app",
    "side", "hosts", "mi", "FARGATE", "FARGATE_SPOT", "agent", "g", "shop", "ann", "task", "team", "host", "lists",
    f"{HOME}:cluster/default", f"{HOME}:cluster/other", f"{HOME}:service/default/web", f"{HOME}:service/default/shop",
    f"{HOME}:service/other/web", f"{HOME}:task-definition/web:1", f"{HOME}:capacity-provider/hosts",
    f"{HOME}:task/default/0123456789abcdef0123456789abcdef", f"{HOME}:daemon/default/agent", f"{HOME}:gateway/g",
    f"{IAM}:role/task", f"{IAM}:policy/lists", f"{IAM}:user/ann", "arn:aws:iam::aws:policy/AmazonECS_FullAccess",
    "10.0.0.0/16", "10.0.2.0/24", "0.0.0.0/0", "10.0.1.9", "::/0", "tcp", "-1", "47", "us-east-1b", "vpc-0", "sg-0",
    "0123456789abcdef0123456789abcdef", "arn:aws:ecs:us-east-1:999999999999:cluster/default", "arn:", "arn:aws:ecs:::",
    "arn:aws:lambda:us-east-1:123456789012:function:renew", "rate(4 hours)", "cron(0 8 ? * SUN *)",
    "attribute:ecs.availability-zone == us-east-1a", "attribute:a =~ (", "task:group == service:web", "",
)  # fmt: skip
ODD = (
    "ü",
    "a b",
    "\u0000",
    "x" * 300,
    "aws:x",
    "[0,1]",
    "{}",
    "null",
    "-1",
    "../..",
    "%",
    "a\nb",
    "🦀",
    "1 vCPU",
    "0.5 GB",
)
DOCUMENTS = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecs:*", "Resource": "*"}]}',
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, '
    '"Action": "sts:AssumeRole"}]}',
    '{"Statement": {"Effect": "Deny", "NotAction": ["a:*", "?"], "NotResource": "${aws:username}"}}',
    '{"Statement": [{"Effect": "Maybe"}]}',
)
NUMBERS = (-1, 0, 1, 2, 3, 10, 21, 80, 100, 101, 256, 512, 1024, 8080, 65535, 65536, 2**31 - 1)
DEEPEST = 5


def requests(shape: Shape | None, known: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    """What the model allows. `known` are names and ARNs of things that are there."""
    return st.just({}) if shape is None else _value(shape, "", known, 0)


def _value(shape: Shape, member: str, known: tuple[str, ...], depth: int) -> st.SearchStrategy[Any]:
    if isinstance(shape, StructureShape):
        return _structure(shape, known, depth)
    if isinstance(shape, ListShape):
        if depth > DEEPEST:
            return st.just([])
        return st.lists(_value(shape.member, member, known, depth + 1), max_size=3)
    if isinstance(shape, MapShape):
        return st.dictionaries(
            st.sampled_from(["a", "max-size", "awslogs-group"]), _text(shape.value, member, known), max_size=2
        )
    if shape.type_name in ("integer", "long"):
        return st.sampled_from(NUMBERS)
    if shape.type_name in ("float", "double"):
        return st.sampled_from([0.0, 30.0, 50.5, 100.0, -1.0, 1e9])
    if shape.type_name == "boolean":
        return st.booleans()
    if shape.type_name == "timestamp":
        return st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
    if shape.type_name == "blob":
        return st.binary(max_size=8)
    return _text(shape, member, known)


def _structure(shape: StructureShape, known: tuple[str, ...], depth: int) -> st.SearchStrategy[dict[str, Any]]:
    members = (
        {name: _value(inner, name, known, depth + 1) for name, inner in shape.members.items()}
        if depth <= DEEPEST
        else {}
    )
    required = {name: value for name, value in members.items() if name in shape.required_members}
    optional = {name: value for name, value in members.items() if name not in required}
    return st.fixed_dictionaries(required, optional=optional)


def _text(shape: Shape, member: str, known: tuple[str, ...]) -> st.SearchStrategy[str]:
    words = [st.sampled_from(known), st.sampled_from(NAMES), st.sampled_from(ODD)]
    if enum := getattr(shape, "enum", None):
        words = [st.sampled_from(enum), st.sampled_from(enum), st.sampled_from(ODD)]
    elif "Document" in member or member == "Policy":
        words = [st.sampled_from(DOCUMENTS), st.sampled_from(DOCUMENTS), st.sampled_from(ODD)]
    return st.one_of(*words)


garbage = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.sampled_from(ODD),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "name", "key", "tags"]), inner, max_size=2)
    ),
    max_leaves=4,
)


def spoiled(request: dict[str, Any], draw: Any, shape: Shape | None) -> dict[str, Any]:
    """The request with something in it that is of no shape that the model knows."""
    names = sorted(getattr(shape, "members", {}) or {"nothing": None})
    return {**request, draw(st.sampled_from(names)): draw(garbage)}
