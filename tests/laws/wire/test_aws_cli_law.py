"""The AWS CLI brings a botocore of its own, a little older, that speaks to some services in other protocols."""

import functools
from datetime import UTC, datetime

import awscli.botocore
import awscli.botocore.parsers
import awscli.botocore.serialize
import pytest
from awscli.botocore.loaders import Loader
from awscli.botocore.model import ServiceModel

from laws.wire.speech import ACCESS_KEY, SECRET_KEY, for_all, read_back, same, signed, very_few, written
from podium.wire.http import Routed, parse, route, serialize
from podium.wire.model import SERVICES, operation_model
from podium.wire.signing import verify

LOADER = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
MODELS = {name: ServiceModel(LOADER.load_service_model(name, "service-2"), name) for name in SERVICES}


@pytest.mark.parametrize("service", MODELS)
def test_the_aws_cli_is_understood_and_understands(service):
    metadata = MODELS[service].metadata
    for operation in spoken(service):
        for protocol in metadata.get("protocols", [metadata["protocol"]]):
            asks = functools.partial(_asks, service, operation, protocol)
            reads = functools.partial(_reads, service, operation, protocol)
            for_all(operation.input_shape, asks, very_few)
            for_all(operation.output_shape, reads, very_few)


def spoken(service):
    names = [name for name in SERVICES[service].operations if name in MODELS[service].operation_names]
    every = (MODELS[service].operation_model(name) for name in names if name != "GetBucketLocation")
    return [operation for operation in every if not operation.has_event_stream_output]


def in_seconds(value):
    """The AWS CLI writes no fractions of a second."""
    if isinstance(value, dict):
        return {key: in_seconds(held) for key, held in value.items()}
    if isinstance(value, list):
        return [in_seconds(held) for held in value]
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def _asks(service, operation, protocol, params):
    params = in_seconds(params)
    request = signed(written(operation, protocol, params, by=awscli.botocore), service)
    routed = route(request)
    assert (routed.service, routed.operation.name, routed.protocol) == (service, operation.name, protocol)
    assert verify(request, {ACCESS_KEY: SECRET_KEY}.get, datetime.now(UTC)).access_key_id == ACCESS_KEY
    read, asked = parse(routed, request), dict(params)
    for said in (read, asked):
        said.pop("ContentLength", None)
    assert same(protocol)(read) == same(protocol)(asked)


def _reads(service, operation, protocol, result):
    routed = Routed(service, operation_model(service, operation.name), protocol)
    parsed = read_back(serialize(routed, result, "an-id"), operation, protocol, by=awscli.botocore)
    del parsed["ResponseMetadata"]
    assert same(protocol)(parsed) == same(protocol)(result)
