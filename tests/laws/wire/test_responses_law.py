"""We write any result of any operation, in any protocol the service speaks: botocore reads the same."""

import pytest

from laws.wire.speech import SPOKEN, for_all, operations, read_back, same
from podium.wire.http import Routed, serialize

# botocore leaves the reading of this one answer to a handler of its own.
APART = {("s3", "GetBucketLocation")}


@pytest.mark.parametrize(("service", "protocol"), SPOKEN)
def test_botocore_reads_what_we_answer(service, protocol):
    for operation in operations(service):
        if (service, operation.name) not in APART:
            routed = Routed(service, operation, protocol)
            for_all(operation.output_shape, lambda result, routed=routed: _understood(result, routed))


def _understood(result, routed):
    parsed = read_back(serialize(routed, result, "an-id"), routed.operation, routed.protocol)
    metadata = parsed.pop("ResponseMetadata")
    assert metadata["HTTPStatusCode"] < 300
    assert metadata["HTTPHeaders"]["x-amzn-requestid"] == "an-id"
    assert same(routed.protocol)(parsed) == same(routed.protocol)(result)
