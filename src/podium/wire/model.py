"""The AWS service models, as published inside botocore.

A model is read when it is first asked for. What routing needs before that - names, prefixes, versions - is
kept beside this module in services.json, and a test holds it against the models.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape

# Members that clients of AWS's own making send and the published model lacks, with their shapes.
UNPUBLISHED: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "ecs": {"RegisterContainerInstanceRequest": {"clientToken": "String"}},  # the open-source container agent
}

# botocore's own models only: a loader left to itself also reads those in the user's home.
_loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)


@dataclass(frozen=True, kw_only=True)
class Service:
    """What is known of a service without its model. `operations` are those we mean to answer, by tier."""

    name: str
    signing_name: str
    api_version: str
    protocols: tuple[str, ...]
    target_prefix: str | None
    operations: Mapping[str, int]


def _known() -> dict[str, Service]:
    table = msgspec.json.decode((files("podium.wire") / "services.json").read_bytes())
    return {
        name: Service(
            name=name,
            signing_name=row["signingName"],
            api_version=row["apiVersion"],
            protocols=tuple(row["protocols"]),
            target_prefix=row.get("targetPrefix"),
            operations=row["operations"],
        )
        for name, row in table.items()
    }


SERVICES: dict[str, Service] = _known()
BY_SIGNING_NAME: dict[str, Service] = {service.signing_name: service for service in SERVICES.values()}
BY_TARGET_PREFIX: dict[str, Service] = {s.target_prefix: s for s in SERVICES.values() if s.target_prefix}
BY_API_VERSION: dict[str, Service] = {s.api_version: s for s in SERVICES.values() if "query" in s.protocols}


@cache
def service_model(name: str) -> ServiceModel:
    """The model of `name`, botocore's name for the service: ecs, elbv2, cloudwatch."""
    return ServiceModel(_description(name), name)


def operation_model(service: str, operation: str) -> OperationModel | None:
    """None when the service has no operation of that name."""
    model = service_model(service)
    return model.operation_model(operation) if operation in _operation_names(service) else None


@dataclass(frozen=True, kw_only=True)
class ErrorShape:
    """An error as the model declares it. `alias` is the code on the wire of the query protocols."""

    shape: StructureShape
    alias: str
    status: int


def error_shape(service: str, code: str) -> ErrorShape | None:
    """The declared error that is called `code`, by its shape's name or its older query code."""
    return _error_shapes(service).get(code)


@cache
def _error_shapes(service: str) -> dict[str, ErrorShape]:
    shapes = _description(service)["shapes"]
    found: dict[str, ErrorShape] = {}
    for shape in service_model(service).error_shapes:
        assert isinstance(shape, StructureShape)
        declared = shape.metadata.get("error", {})
        fault = bool(shapes[shape.name].get("fault") or declared.get("fault"))
        status = declared.get("httpStatusCode", 500 if fault else 400)
        error = ErrorShape(shape=shape, alias=declared.get("code", shape.name), status=status)
        found[shape.name] = error
        found.setdefault(error.alias, error)
    return found


@cache
def _operation_names(service: str) -> frozenset[str]:
    return frozenset(service_model(service).operation_names)


@cache
def _description(service: str) -> dict[str, Any]:
    published = dict(_loader.load_service_model(service, "service-2"))
    shapes = dict(published["shapes"])
    for name, members in UNPUBLISHED.get(service, {}).items():
        more = {member: {"shape": shape} for member, shape in members.items()}
        shapes[name] = {**shapes[name], "members": {**shapes[name]["members"], **more}}
    return {**published, "shapes": shapes}
