"""Tags, what each operation asks to be allowed, and the two protocols that clients speak."""

import json
from typing import Any

import cbor2
import pytest

from handcore import finished
from inprocess import ACCOUNT, REGION, Plane, refused
from people import allow, permit, user, user_arn
from podium.servicediscovery.access import RESOURCES
from podium.servicediscovery.service import servicediscovery
from podium.wire.message import Request
from servicediscovery.conftest import Make

HOME = f"arn:aws:servicediscovery:{REGION}:{ACCOUNT}"


def test_namespaces_and_services_have_tags(cloudmap: Any, serve: Make, private: str) -> None:
    tags = [{"Key": "team", "Value": "a"}]
    service = serve(Tags=tags)["Arn"]
    assert cloudmap.list_tags_for_resource(ResourceARN=service)["Tags"] == tags
    namespace = f"{HOME}:namespace/{private}"
    cloudmap.tag_resource(ResourceARN=namespace, Tags=[*tags, {"Key": "b", "Value": ""}])
    cloudmap.untag_resource(ResourceARN=namespace, TagKeys=["team", "none"])
    assert cloudmap.list_tags_for_resource(ResourceARN=namespace)["Tags"] == [{"Key": "b", "Value": ""}]


def test_tags_that_cannot_be_are_refused(cloudmap: Any, http: str) -> None:
    namespace = f"{HOME}:namespace/{http}"
    with refused("TooManyTagsException") as error:
        cloudmap.tag_resource(ResourceARN=namespace, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(51)])
    assert error["ResourceName"] == namespace
    for tags in ([{"Key": "aws:x", "Value": ""}], [{"Key": "a", "Value": ""}] * 2):
        with refused("InvalidInput"):
            cloudmap.tag_resource(ResourceARN=namespace, Tags=tags)
    with refused("ResourceNotFoundException"):
        cloudmap.tag_resource(ResourceARN=f"{HOME}:service/srv-none", Tags=[])


def test_whatever_is_about_one_resource_says_so() -> None:
    free = {"CreateHttpNamespace", "CreatePrivateDnsNamespace", "CreatePublicDnsNamespace"}
    assert (
        set(servicediscovery.operations) - servicediscovery.reading - free == set(RESOURCES) - servicediscovery.reading
    )
    assert set(RESOURCES) <= set(servicediscovery.operations)


def denied(action: str, resource: str) -> Any:
    action = f"servicediscovery:{action}"
    return refused(
        "AccessDeniedException",
        f"User: {user_arn('ann')} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action",
    )


def test_a_user_may_do_what_a_policy_allows(plane: Plane, serve: Make, private: str) -> None:
    service = serve(Tags=[{"Key": "team", "Value": "a"}])
    ann = plane.client("servicediscovery", key=user(plane, "ann"))
    with denied("GetNamespace", f"{HOME}:namespace/{private}"):
        ann.get_namespace(Id=private)
    with denied("RegisterInstance", service["Arn"]):
        ann.register_instance(ServiceId=service["Id"], InstanceId="a", Attributes={})
    with denied("DiscoverInstances", "*"):
        ann.discover_instances(NamespaceName="local", ServiceName="web")
    tagged = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}}}
    named = {"Condition": {"StringEquals": {"servicediscovery:ServiceName": "web"}}}
    permit(
        plane,
        "ann",
        allow("servicediscovery:RegisterInstance", service["Arn"], **tagged),
        allow("servicediscovery:DiscoverInstances", **named),
    )
    ann.register_instance(ServiceId=service["Id"], InstanceId="a", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.1"})
    assert len(ann.discover_instances(NamespaceName="local", ServiceName="web")["Instances"]) == 1
    with denied("DiscoverInstances", "*"):
        ann.discover_instances(NamespaceName="local", ServiceName="other")


def test_a_tag_on_what_is_made_is_allowed_apart(plane: Plane) -> None:
    ann = plane.client("servicediscovery", key=user(plane, "ann", allow("servicediscovery:CreateHttpNamespace")))
    ann.create_http_namespace(Name="plain")
    with denied("TagResource", "*"):
        ann.create_http_namespace(Name="tagged", Tags=[{"Key": "a", "Value": "b"}])


def sent(plane: Plane, path: str, headers: dict[str, str], body: bytes) -> Any:
    scope = "20260301/us-east-1/servicediscovery/aws4_request"
    signed = {
        "host": "x",
        "x-amz-date": "20260301T120000Z",
        "authorization": f"AWS4-HMAC-SHA256 Credential=AKIAROOTROOTROOTROOT/{scope}, SignedHeaders=host, Signature=00",
        **headers,
    }
    return finished(plane.front.answer(Request("POST", path, "", signed, body), "http://x", "127.0.0.1"))


@pytest.mark.parametrize("protocol", ["json", "cbor"])
def test_both_protocols_say_the_same(plane: Plane, cloudmap: Any, protocol: str) -> None:
    def asked(operation: str, **members: Any) -> tuple[int, dict[str, Any]]:
        if protocol == "json":
            headers = {
                "content-type": "application/x-amz-json-1.1",
                "x-amz-target": f"Route53AutoNaming_v20170314.{operation}",
            }
            answer = sent(plane, "/", headers, json.dumps(members).encode())
            return answer.status, json.loads(answer.body)
        path = f"/service/Route53AutoNaming_v20170314/operation/{operation}"
        headers = {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor", "accept": "application/cbor"}
        answer = sent(plane, path, headers, cbor2.dumps(members))
        return answer.status, cbor2.loads(answer.body)

    status, answer = asked("CreateHttpNamespace", Name="apps", CreatorRequestId="once")
    assert status == 200
    operation = asked("GetOperation", OperationId=answer["OperationId"])[1]["Operation"]
    namespace = operation["Targets"]["NAMESPACE"]
    moment = operation["CreateDate"]
    assert (moment.timestamp() if protocol == "cbor" else moment) == plane.clock.now().timestamp()
    status, error = asked("CreateHttpNamespace", Name="apps", CreatorRequestId="twice")
    assert status == 400
    assert error["__type"].rpartition("#")[2] == "NamespaceAlreadyExists"
    assert (error["Message"], error["NamespaceId"]) == ("Namespace with name apps already exists", namespace)
