"""What botocore would have missed before sending, we miss after receiving, and nothing else."""

import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from laws.wire.speech import operations, values, very_few
from podium.wire.model import SERVICES
from podium.wire.validate import missing_members


@pytest.mark.parametrize("service", SERVICES)
def test_the_members_we_miss_are_those_botocore_misses(service):
    for operation in operations(service):
        if operation.input_shape is not None:
            _law(operation.input_shape)


def _law(shape):
    @very_few
    @given(values(shape), st.randoms(use_true_random=False))
    def law(params, chance):
        torn = _torn(params, chance)
        report = ParamValidator().validate(torn, shape)
        missed = [error for kind, _, error in _told(report) if kind == "missing required field"]
        assert len(missing_members(shape, torn)) == len(missed)

    law()


def _told(report):
    return [(kind, name, details) for kind, name, details in report._errors]


def _torn(value, chance):
    """`value` with some members, at any depth, torn out. Never the whole of a map: its keys are not members."""
    if isinstance(value, dict):
        return {key: _torn(held, chance) for key, held in value.items() if chance.random() < 0.7}
    if isinstance(value, list):
        return [_torn(held, chance) for held in value]
    return value
