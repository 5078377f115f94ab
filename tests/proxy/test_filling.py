"""Our reader of dicts makes the same of a resource as protobuf's own."""

from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict

from podium_proxy.envoy import clusters, listeners, messages, routes, tls
from podium_proxy.envoy.filling import FillingError
from podium_proxy.envoy.messages import Kind, pack
from proxy.certificates import certificate
from proxy.documents import balancer, fixed, forward, group, host, listener, path, redirect, rule, target

STICKY = {"stickiness.enabled": "true", "slow_start.duration_seconds": "30"}


def resources() -> list[tuple[Kind, dict[str, Any]]]:
    groups: Any = [group("a", target(1), attributes=STICKY), group("b", protocol="HTTPS", protocol_version="HTTP2")]
    source = {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/9"]}}
    rules = [
        rule(1, redirect(Host="x"), path("/a*"), host("*.b.c")),
        rule(2, forward("a", "b", weights=(1, 3), sticky=60), source),
        rule(None, fixed(404, "no")),
    ]
    made = certificate("arn:c", "a.b.c")
    document: Any = listener("x", 80, *rules, protocol="HTTPS", certificates=[made])
    lb: Any = balancer("x", [document], groups, "127.0.64.1")
    chain = listeners.chain(lb, document, "routes")
    assert chain is not None
    virtual_host = routes.virtual_host(lb, document).resource
    return [
        *((Kind.CLUSTER, clusters.cluster(each, lb, "10.0.0.1")) for each in groups),
        (Kind.ENDPOINTS, clusters.endpoints("a", groups[0]["targets"])),
        (Kind.LISTENER, listeners.listener("l", [("127.0.0.1", 80), ("127.0.0.2", 80)], [chain], chain)),
        (Kind.ROUTES, {"name": "routes", "virtual_hosts": [virtual_host]}),
        (Kind.SECRET, tls.secret(made)),  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize(("kind", "resource"), resources())
def test_every_kind_of_resource_is_read_as_protobuf_reads_it(kind: Kind, resource: dict[str, Any]):
    message = messages.CLASSES[kind]()
    pack(kind, resource).content.Unpack(message)
    assert MessageToDict(message) == MessageToDict(ParseDict(resource, messages.CLASSES[kind]()))


@pytest.mark.parametrize("wrong", [{"nmae": "x"}, {"name": 5}, {"lb_policy": "BEST"}, {"connect_timeout": "soon"}])
def test_what_does_not_fit_is_refused_by_its_name(wrong: dict[str, Any]):
    with pytest.raises(FillingError, match=next(iter(wrong))):
        pack(Kind.CLUSTER, wrong)
