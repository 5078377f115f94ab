"""Every error of every service, in every protocol: botocore reads its code, its message and its members."""

import botocore.parsers
import pytest
from botocore.awsrequest import HeadersDict
from hypothesis import given
from hypothesis import strategies as st

from laws.wire.speech import ACCESS_KEY, SPOKEN, few, for_all, operations, same
from podium.kernel.errors import ClientError
from podium.wire.http import Request, Routed, refuse
from podium.wire.model import error_shape, service_model

MESSAGES = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn", "Cc")), min_size=1, max_size=30)
SENT = Request("POST", "/", "", {}, b"")


def an_error(name, message, status=400, **members):
    return type("Raised", (ClientError,), {"code": name, "status": status})(message, **members)


def read_back(response, protocol, shape=None):
    told = {"status_code": response.status, "headers": HeadersDict(response.headers), "body": response.body}
    return botocore.parsers.create_parser(protocol).parse(told, shape)


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_botocore_reads_every_declared_error(service, protocol):
    routed = Routed(service, operations(service)[0], protocol)
    for shape in service_model(service).error_shapes:
        for_all(shape, lambda members, shape=shape: _understood(members, shape, routed))


def _understood(members, shape, routed):
    members = {name: value for name, value in members.items() if name.lower() not in ("message", "code")}
    response = refuse(routed, an_error(shape.name, "It is so.", **members), SENT, "an-id")
    declared = error_shape(routed.service, shape.name)
    parsed = read_back(response, routed.protocol)
    assert parsed["Error"]["Message"] == "It is so."
    assert parsed["Error"]["Code"] == _code(declared, routed)
    assert response.status == declared.status
    modeled = read_back(response, routed.protocol, shape)
    found = {name: value for name, value in modeled.items() if name in members}
    assert same(routed.protocol)(found) == same(routed.protocol)(members)


def _code(declared, routed):
    """JSON clients go by the shape's name, unless x-amzn-query-error tells them the older code."""
    older = routed.protocol in ("query", "ec2", "rest-xml") or "awsQueryCompatible" in routed.operation.metadata
    return declared.alias if older else declared.shape.name


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_botocore_reads_an_error_that_no_model_declares(service, protocol):
    routed = Routed(service, operations(service)[0], protocol)

    @few
    @given(MESSAGES)
    def law(message):
        response = refuse(routed, an_error("ThrottlingOfAllKinds", message, status=429), SENT, "an-id")
        parsed = read_back(response, protocol)
        assert (parsed["Error"]["Code"], parsed["Error"]["Message"]) == ("ThrottlingOfAllKinds", message)
        assert response.status == 429

    law()


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_a_bug_is_told_as_a_500_that_leaks_nothing(service, protocol):
    routed = Routed(service, operations(service)[0], protocol)
    response = refuse(routed, KeyError(f"{ACCESS_KEY} in /var/lib/podium"), SENT, "an-id")
    parsed = read_back(response, protocol)
    assert response.status == 500
    assert "an-id" in parsed["Error"]["Message"]
    assert ACCESS_KEY.encode() not in response.body
    assert b"/var/lib" not in response.body
