"""No request makes the server fail, and no refused one leaves anything behind."""

import json
import sqlite3
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import handcore
from amounts import examples
from inprocess import Plane
from laws.api.ec2_codes import CODES
from laws.api.shapes import requests, spoiled
from parity.cases import companions  # noqa: F401  (more givens)
from parity.cases.givens import GIVENS, Scene
from podium.server.services import SERVICES
from podium.store.sqlite import SqliteDatabase
from podium.wire.message import Request

LIVED = (
    "cluster other gone instances web tagged pair fargate inactive service steady provider associated managed external "
    "taskset task agent daemon1 gateway joined express role policy team profile ann network alarm names balancer "
    "scalable repository logs rules schedules dashboard keys parameters secrets"
)
COMMON = {
    "acm": {"SerializationException"},
    "application-autoscaling": {"SerializationException"},
    "cloudwatch": {"ValidationError", "SerializationException", "MalformedInput"},
    "ec2": CODES,
    "ecr": {"SerializationException"},
    "ecs": {"SerializationException"},
    "elbv2": {"ValidationError", "AccessDenied", "SerializationException", "MalformedInput"},
    "events": {"ValidationException", "SerializationException"},
    "iam": {"ValidationError", "AccessDenied", "SerializationException", "MalformedInput"},
    "kms": {"ValidationException", "AccessDeniedException", "SerializationException"},
    "logs": {"SerializationException"},
    "scheduler": {"SerializationException"},
    "secretsmanager": {"ValidationException", "SerializationException"},
    "servicediscovery": {"SerializationException"},
    "ssm": {"ValidationException", "AccessDeniedException", "SerializationException"},
    "sts": {"ValidationError", "AccessDenied", "SerializationException", "MalformedInput"},
}
APART = {"s3"}  # whose client refuses much by itself: tests/s3 speaks to the door without one
CALLS = [
    pytest.param(name, operation, id=f"{name} {operation}")
    for name, service in SERVICES.items()
    if name not in APART
    for operation in sorted(service.operations)
]
law = settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.large_base_example],
    derandomize=True,
)


@cache
def life() -> tuple[sqlite3.Connection, Scene]:
    """A little of everything, lived through once, and the database that it left."""
    database = SqliteDatabase(":memory:")
    scene = Scene(Plane(database=database))
    for word in LIVED.split():
        GIVENS[word](scene)
    scene.plane.run()
    return database._db, scene


async def _hooks() -> dict[str, str]:
    return {"renew": ""}


class Lived:
    """A control plane that started on what such a life left behind."""

    def __init__(self) -> None:
        kept, before = life()
        database = SqliteDatabase(":memory:")
        kept.backup(database._db)
        self.plane = Plane(database=database, dice=8)  # nothing it makes is named as something that is there
        self.plane.clock.time = before.plane.clock.time
        self.plane.front.hooks = _hooks
        self.scene = Scene(self.plane, words=dict(before.words), keys=dict(before.keys))
        self.known = tuple(self.scene.words.values())

    def everything(self) -> dict[type[Any], dict[str, Any]]:
        tx = self.plane.core.store.reading()
        return {kind: {r.arn: r for r in tx.list(kind)} for kind in self.plane.core.store.kinds()}

    def send(self, service: str, operation: str, request: Any) -> tuple[int, dict[str, Any]]:
        """The status, and the error's code and message if there is one."""
        if service == "ecs":
            return self._json(
                operation, request if isinstance(request, bytes) else json.dumps(request, default=_number).encode()
            )
        try:
            self.scene.client(service, "root")._make_api_call(operation, request)
        except ClientError as error:
            return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]
        return 200, {}

    def _json(self, operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
        scope = "20260301/us-east-1/ecs/aws4_request"
        headers = {
            "host": "x",
            "content-type": "application/x-amz-json-1.1",
            "x-amz-target": f"AmazonEC2ContainerServiceV20141113.{operation}",
            "x-amz-date": "20260301T120000Z",
            "authorization": f"AWS4-HMAC-SHA256 Credential=AKIAROOTROOTROOTROOT/{scope}, "
            "SignedHeaders=host;x-amz-target, Signature=00",
        }
        answer = handcore.finished(
            self.plane.front.answer(Request("POST", "/", "", headers, body), "http://x", "127.0.0.1")
        )
        told = json.loads(answer.body or b"{}")
        return answer.status, {
            "Code": told.get("__type"),
            "Message": told.get("message"),
        } if answer.status >= 300 else {}


@pytest.fixture
def lived() -> Iterator[Lived]:
    """Fresh for every operation; its examples change it one after the other."""
    made = Lived()
    yield made
    made.plane.run()
    assert made.plane.core.bugs == 0, "a controller could not make sense of what was stored"


def holds(lived: Lived, service: str, operation: str, request: Any) -> None:
    before, reads = lived.everything(), operation in SERVICES[service].reading
    status, error = lived.send(service, operation, request)
    assert status < 500, (request, error)
    if status >= 300 or reads:
        assert lived.everything() == before, (request, error)
    if error:
        assert error["Code"] in _codes(service) | COMMON[service], error
        assert error["Message"], error


def _codes(service: str) -> set[str]:
    """Every error code that the service's model knows."""
    shapes = SERVICES[service].model.error_shapes
    return {shape.name for shape in shapes} | {shape.metadata.get("error", {}).get("code", "") for shape in shapes}


@pytest.mark.parametrize(("service", "operation"), CALLS)
def test_what_the_model_allows_is_answered_or_refused(lived: Lived, service: str, operation: str) -> None:
    shape = _model(service, operation).input_shape

    @law
    @given(requests(shape, lived.known))
    def each(request: dict[str, Any]) -> None:
        holds(lived, service, operation, request)
        lived.plane.run()

    each()


@pytest.mark.parametrize(("service", "operation"), CALLS)
def test_what_the_model_does_not_allow_is_refused_or_passed_over(lived: Lived, service: str, operation: str) -> None:
    shape = _model(service, operation).input_shape

    @law
    @given(st.data())
    def each(data: Any) -> None:
        request = spoiled(data.draw(requests(shape, lived.known)), data.draw, shape)
        try:
            holds(lived, service, operation, request)
        except (BotoCoreError, TypeError, AttributeError, ValueError, KeyError):
            if service == "ecs":  # of the others, the client itself cannot write such a thing
                raise

    each()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b'{"cluster": ', b"[" * 5000])
def test_what_is_no_json_object_is_refused(lived: Lived, body: bytes) -> None:
    for operation in ("ListClusters", "CreateService", "RunTask"):
        holds(lived, "ecs", operation, body)


def _model(service: str, operation: str) -> Any:
    return SERVICES[service].model.operation_model(operation)


def _number(value: Any) -> Any:
    return value.timestamp() if hasattr(value, "timestamp") else str(value)
