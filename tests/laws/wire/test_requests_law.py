"""botocore writes a request for any operation, in any protocol it speaks: we find the operation and read the same."""

from datetime import UTC, datetime

import pytest

from laws.wire.speech import ACCESS_KEY, SECRET_KEY, SPOKEN, for_all, operations, same, signed, written
from podium.wire.http import parse, route
from podium.wire.signing import check_scope, verify


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_what_botocore_asks_is_routed_proved_and_read(service, protocol):
    for operation in operations(service):
        for_all(operation.input_shape, lambda params, asked=operation: _understood(params, asked, service, protocol))


def _understood(params, operation, service, protocol):
    request = signed(written(operation, protocol, params), service)
    routed = route(request)
    assert (routed.service, routed.operation.name, routed.protocol) == (service, operation.name, protocol)
    proven = verify(request, {ACCESS_KEY: SECRET_KEY}.get, datetime.now(UTC))
    check_scope(proven, routed, request)
    assert same(protocol)(_said(parse(routed, request))) == same(protocol)(_said(params))


def _said(params):
    """Without the length, which HTTP says for itself."""
    return {name: value for name, value in params.items() if name != "ContentLength"}
