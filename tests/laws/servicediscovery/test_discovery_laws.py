"""What holds for any instances: what is said of them is what is found, by the API and by DNS."""

from contextlib import suppress
from random import Random
from typing import Any

from botocore.exceptions import ClientError
from dnslib import DNSRecord
from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from inprocess import ACCOUNT, BEGINNING, REGION, Plane
from podium import servicediscovery
from podium.servicediscovery import Service
from podium_proxy.dns.answers import answer
from podium_proxy.dns.book import Book

HOME = f"aws:{REGION}:{ACCOUNT}"
law = settings(max_examples=examples(30), deadline=None, derandomize=True)
IDS = st.sampled_from(["a", "b", "c/d"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("register"), IDS, st.integers(1, 3), st.sampled_from([None, "HEALTHY", "UNHEALTHY"])),
        st.tuples(st.just("deregister"), IDS),
        st.tuples(st.just("say"), IDS, st.booleans()),
    ),
    max_size=12,
)
CONFIGS = {
    "A": {"DnsRecords": [{"Type": "A", "TTL": 1}]},
    "AAAA": {"DnsRecords": [{"Type": "AAAA", "TTL": 1}]},
    "SRV": {"DnsRecords": [{"Type": "SRV", "TTL": 1}]},
    "CNAME": {"RoutingPolicy": "WEIGHTED", "DnsRecords": [{"Type": "CNAME", "TTL": 1}]},
    "weighted A": {"RoutingPolicy": "WEIGHTED", "DnsRecords": [{"Type": "A", "TTL": 1}]},
}
ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "AWS_INSTANCE_IPV4": st.sampled_from(["10.0.0.1", "10.0.0.1 ", "::1", "1.2.3", "01.2.3.4"]),
        "AWS_INSTANCE_IPV6": st.sampled_from(["fd00::1", "::ffff:1.2.3.4", "fe80::1%eth0", "10.0.0.1"]),
        "AWS_INSTANCE_PORT": st.sampled_from(["80", "65535", "0", "-1", "08", "x", "65536", "1.5"]),
        "AWS_INSTANCE_CNAME": st.sampled_from(["example.com", "example.com.", "a" * 64, ".", "a..b", "x." * 130 + "x"]),
        "AWS_ALIAS_DNS_NAME": st.sampled_from(["lb.example.com", "LB.example.com.", "y." * 140]),
        "other": st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=5),
    },
)
IDENTITIES = st.text(st.sampled_from("ab./:@-_"), min_size=1, max_size=64)


def made(plane: Plane, config: dict[str, Any], **members: Any) -> str:
    cloudmap = plane.client("servicediscovery")
    done = cloudmap.create_public_dns_namespace(Name="example.org")["OperationId"]
    namespace = cloudmap.get_operation(OperationId=done)["Operation"]["Targets"]["NAMESPACE"]
    service = cloudmap.create_service(Name="web", NamespaceId=namespace, DnsConfig=config, **members)["Service"]
    return str(service["Arn"])


def record(plane: Plane, arn: str) -> Service:
    found = plane.read(lambda tx: servicediscovery.find_service(tx, HOME, arn))
    assert found is not None
    return found


@law
@given(STEPS)
def test_what_is_said_is_what_is_found_and_every_change_raises_the_revision(steps: list[Any]) -> None:
    plane = Plane()
    arn = made(plane, CONFIGS["A"], HealthCheckCustomConfig={})
    truth: dict[str, tuple[str, str | None, bool]] = {}
    for kind, identity, *rest in steps:
        service, before = record(plane, arn), dict(truth)
        if kind == "register":
            number, said = rest
            ip = f"10.0.0.{number}"
            attributes = {"AWS_INSTANCE_IPV4": ip, **({"AWS_INIT_HEALTH_STATUS": said} if said else {})}
            plane.write(
                lambda tx, s=service, i=identity, a=attributes: servicediscovery.register_instance(
                    tx, s, i, a, BEGINNING
                )
            )
            known = truth[identity][2] if identity in truth else True
            truth[identity] = (ip, said, known if said is None else said == "HEALTHY")
        elif kind == "deregister":
            plane.write(lambda tx, s=service, i=identity: servicediscovery.deregister_instance(tx, s, i, BEGINNING))
            truth.pop(identity, None)
        else:
            plane.write(
                lambda tx, s=service, i=identity, h=rest[0]: servicediscovery.set_health(tx, s, i, h, BEGINNING)
            )
            if identity in truth:
                truth[identity] = (*truth[identity][:2], rest[0])
        assert (record(plane, arn).instances_revision > service.instances_revision) is (truth != before)
    agrees(plane, record(plane, arn), truth)


def agrees(plane: Plane, service: Service, truth: dict[str, tuple[str, str | None, bool]]) -> None:
    name = plane.read(lambda tx: servicediscovery.name_of(tx, service))
    assert name is not None
    shown = {one["id"]: (one["ipv4"], one["healthy"]) for one in name["endpoints"]}
    assert shown == {identity: (ip, healthy) for identity, (ip, _, healthy) in truth.items()}
    cloudmap = plane.client("servicediscovery")
    found = cloudmap.discover_instances(NamespaceName="example.org", ServiceName="web")["Instances"]
    healthy = {identity for identity, (_, _, well) in truth.items() if well}
    assert {one["InstanceId"] for one in found} == (healthy or set(truth))
    assert cloudmap.get_service(Id=service.id)["Service"]["InstanceCount"] == len(truth)


@law
@given(st.sampled_from(sorted(CONFIGS)), st.lists(st.tuples(IDENTITIES, ATTRIBUTES), max_size=8))
def test_every_instance_that_is_taken_is_answered_for(config: str, asked: list[tuple[str, dict[str, str]]]) -> None:
    plane = Plane()
    arn = made(plane, CONFIGS[config])
    cloudmap = plane.client("servicediscovery")
    for identity, attributes in asked:
        with suppress(ClientError):
            cloudmap.register_instance(ServiceId=arn, InstanceId=identity, Attributes=attributes)
    service = record(plane, arn)
    name = plane.read(lambda tx: servicediscovery.name_of(tx, service))
    assert name is not None
    book = Book()
    book.update(
        {
            "revision": 1,
            "whole": True,
            "load_balancers": {},
            "names": {name["name"]: name},
            "zones": plane.read(servicediscovery.zones),
            "vpc": None,
        }
    )
    kind = config.removeprefix("weighted ")
    found = answer(book, "web.example.org", kind, Random(1))
    assert found is not None
    most = 1 if name["routing"] == "WEIGHTED" else 8
    assert len(found.records) == min(most, len(name["endpoints"]))
    reply = DNSRecord.question("web.example.org", kind).reply()
    reply.add_answer(*found.records)
    reply.add_ar(*found.additional)
    assert len(DNSRecord.parse(reply.pack()).rr) == len(found.records)
    for one in name["endpoints"] if kind == "SRV" else ():
        host = answer(book, f"{one['id']}.web.example.org".lower(), "A", Random(1))
        assert host is not None
        assert len(host.records) == (one["ipv4"] is not None)
