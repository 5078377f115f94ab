"""Our tables are held against the models they were written from."""

import importlib
import subprocess
import sys

import botocore
import pytest

from podium.wire.model import SERVICES, error_shape, operation_model, service_model

SINCE = "1.44.5"


def test_the_models_are_those_the_tables_were_written_from():
    assert botocore.__version__ == SINCE, "hold wire/services.json against the new models, then move this pin"


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_a_service_is_in_the_table_as_it_is_in_its_model(service):
    model = service_model(service.name)
    assert service.signing_name == model.signing_name
    assert service.api_version == model.metadata["apiVersion"]
    assert service.protocols == tuple(model.metadata["protocols"])
    assert service.target_prefix == model.metadata.get("targetPrefix")
    assert service.operations.keys() <= set(model.operation_names)
    assert set(service.operations.values()) <= {1, 2, 3}


def test_every_operation_of_ecs_is_in_the_table():
    assert SERVICES["ecs"].operations.keys() == set(service_model("ecs").operation_names)


@pytest.mark.parametrize("field", ["signing_name", "api_version", "target_prefix"])
def test_no_two_services_can_be_mistaken_for_each_other(field):
    told = [
        getattr(service, field) for service in SERVICES.values() if field != "api_version" or _asks_by_form(service)
    ]
    told = [value for value in told if value is not None]
    assert len(told) == len(set(told))


def _asks_by_form(service):
    return {"query", "ec2"} & set(service.protocols)


def test_an_operation_that_no_model_has_is_none():
    assert operation_model("ecs", "CreateCluster").name == "CreateCluster"
    assert operation_model("ecs", "BrewCoffee") is None


def test_an_error_is_found_by_its_shape_and_by_its_older_code():
    by_shape = error_shape("elbv2", "LoadBalancerNotFoundException")
    assert by_shape == error_shape("elbv2", "LoadBalancerNotFound")
    assert (by_shape.alias, by_shape.status) == ("LoadBalancerNotFound", 400)
    assert error_shape("ecs", "ServerException").status == 500
    assert error_shape("ecs", "NoSuchError") is None


def test_starting_the_server_reads_no_model_of_ec2s():
    """It is the largest by far, and most people never call EC2."""
    script = (
        "import podium.server.services, podium.wire.model as model;"
        "before = model.service_model.cache_info().misses;"
        "model.service_model('ec2');"
        "assert model.service_model.cache_info().misses == before + 1"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={"PYTHONPATH": "src"})


def test_importing_the_wire_reads_no_model_and_no_more_of_botocore_than_it_needs():
    importlib.import_module("podium.wire.http")
    script = (
        "import sys, podium.wire.http, podium.wire.service, podium.wire.signing, podium.wire.model as model;"
        "assert model._description.cache_info().currsize == 0;"
        "assert not {'boto3', 'botocore.session', 'botocore.client'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={"PYTHONPATH": "src"})
