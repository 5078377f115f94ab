"""Listeners, their default actions, and what they need to end TLS."""

from typing import Any

import pytest

from acm.certificates import Authority
from elbv2.balancing import ELB, FIXED, Balancing, forward
from inprocess import refused

REDIRECT: dict[str, Any] = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}


def actions(elb: Balancing, listener: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]["DefaultActions"]
    return found


def imported(elb: Balancing, *names: str) -> str:
    acm = elb.plane.client("acm")
    made = Authority(elb.plane.clock.now()).certificate(*names)
    return str(acm.import_certificate(**made)["CertificateArn"])


def test_forwarding_is_echoed_with_all_that_it_means(elb: Balancing) -> None:
    group = elb.group()
    listener = elb.listener(elb.arn(), [forward(group)])
    assert listener.startswith(f"{ELB}:listener/app/web/")
    assert actions(elb, listener) == [
        {
            "Type": "forward",
            "TargetGroupArn": group,
            "ForwardConfig": {
                "TargetGroups": [{"TargetGroupArn": group, "Weight": 1}],
                "TargetGroupStickinessConfig": {"Enabled": False},
            },
        }
    ]


def test_several_groups_have_weights_and_may_be_sticky(elb: Balancing) -> None:
    blue, green = elb.group(), elb.group("green")
    config = {
        "TargetGroups": [{"TargetGroupArn": blue, "Weight": 0}, {"TargetGroupArn": green}],
        "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 60},
    }
    listener = elb.listener(elb.arn(), [{"Type": "forward", "ForwardConfig": config}])
    [action] = actions(elb, listener)
    assert "TargetGroupArn" not in action
    assert [group["Weight"] for group in action["ForwardConfig"]["TargetGroups"]] == [0, 1]
    assert action["ForwardConfig"]["TargetGroupStickinessConfig"] == {"Enabled": True, "DurationSeconds": 60}


def test_a_redirect_keeps_what_it_is_not_told(elb: Balancing) -> None:
    listener = elb.listener(elb.arn(), [{"Type": "redirect", "RedirectConfig": REDIRECT}])
    assert actions(elb, listener)[0]["RedirectConfig"] == {
        **REDIRECT,
        "Host": "#{host}",
        "Path": "/#{path}",
        "Query": "#{query}",
    }


@pytest.mark.parametrize(
    "config",
    [{"StatusCode": "HTTP_301"}, {"StatusCode": "HTTP_301", "Query": "a=b"}, {"StatusCode": "HTTP_302", "Port": "80"}],
)
def test_a_redirect_that_changes_nothing_is_refused(elb: Balancing, config: dict[str, str]) -> None:
    with refused("InvalidLoadBalancerAction", "The redirect configuration is not valid because it creates a loop."):
        elb.listener(elb.arn(), [{"Type": "redirect", "RedirectConfig": config}])


OIDC = dict.fromkeys(("Issuer", "AuthorizationEndpoint", "TokenEndpoint", "UserInfoEndpoint", "ClientId"), "https://x")


@pytest.mark.parametrize(
    ("code", "given"),
    [
        ("ValidationError", []),
        ("TooManyActions", FIXED * 2),
        ("ValidationError", [{"Type": "forward"}]),
        ("ValidationError", [{"Type": "sideways"}]),
        ("ValidationError", [{"Type": "redirect"}]),
        ("ValidationError", [{"Type": "fixed-response"}]),
        ("ValidationError", [{"Type": "redirect", "RedirectConfig": {**REDIRECT, "Port": "x"}}]),
        ("ValidationError", [{"Type": "redirect", "RedirectConfig": {**REDIRECT, "Path": "x"}}]),
        ("ValidationError", [{"Type": "redirect", "RedirectConfig": {**REDIRECT, "Protocol": "TCP"}}]),
        ("ValidationError", [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "301"}}]),
        ("ValidationError", [{**FIXED[0], "RedirectConfig": REDIRECT}]),
        (
            "ValidationError",
            [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "image/png"}}],
        ),
        ("TargetGroupNotFound", [forward(f"{ELB}:targetgroup/gone/0123456789abcdef")]),
        ("ValidationError", [forward("gone")]),
        ("InvalidConfigurationRequest", [{"Type": "authenticate-oidc", "AuthenticateOidcConfig": OIDC}, *FIXED]),
    ],
)
def test_what_is_no_action_is_refused(elb: Balancing, code: str, given: list[dict[str, Any]]) -> None:
    with refused(code):
        elb.listener(elb.arn(), given)


def test_what_podium_does_not_answer_for_says_so(elb: Balancing) -> None:
    with refused(
        "InvalidConfigurationRequest", "Podium does not answer for actions of the type authenticate-oidc yet."
    ):
        elb.listener(elb.arn(), [{"Type": "authenticate-oidc", "AuthenticateOidcConfig": OIDC}, *FIXED])


def test_weights_and_stickiness_have_bounds(elb: Balancing) -> None:
    group, balancer = elb.group(), elb.arn()
    for config in (
        {"TargetGroups": [{"TargetGroupArn": group, "Weight": 1000}]},
        {"TargetGroups": [{"TargetGroupArn": group}], "TargetGroupStickinessConfig": {"Enabled": True}},
        {
            "TargetGroups": [{"TargetGroupArn": group}],
            "TargetGroupStickinessConfig": {"Enabled": True, "DurationSeconds": 604801},
        },
        {"TargetGroups": [{"TargetGroupArn": group}] * 2},
    ):
        with refused("ValidationError"):
            elb.listener(balancer, [{"Type": "forward", "ForwardConfig": config}])


def test_a_port_has_one_listener(elb: Balancing) -> None:
    balancer = elb.arn()
    elb.listener(balancer)
    sentence = f"A listener already exists on this port for this load balancer '{balancer}'"
    with refused("DuplicateListener", sentence):
        elb.listener(balancer)
    other = elb.listener(balancer, port=81)
    with refused("DuplicateListener"):
        elb.modify_listener(ListenerArn=other, Port=80)


def test_protocols_are_those_of_the_kind(elb: Balancing) -> None:
    with refused("ValidationError", "Listener protocol 'TCP' must be one of 'HTTPS, HTTP'"):
        elb.listener(elb.arn(), Protocol="TCP")
    with refused("ValidationError", "Listener protocol 'HTTP' must be one of 'TLS, TCP, TCP_UDP, UDP'"):
        elb.listener(elb.network())
    with refused("InvalidLoadBalancerAction"):
        elb.listener(elb.network(), Protocol="TCP")


def test_protocols_go_together(elb: Balancing) -> None:
    http, tcp, grpc = elb.group(), elb.group("tcp", Protocol="TCP"), elb.group("grpc", ProtocolVersion="GRPC")
    web, net = elb.arn(), elb.network()
    sentence = f"The listener and its associated target group '{http}' have incompatible protocols: 'TCP' and 'HTTP'"
    with refused("IncompatibleProtocols", sentence):
        elb.listener(net, [forward(http)], Protocol="TCP")
    with refused("IncompatibleProtocols"):
        elb.listener(web, [forward(tcp)])
    with refused(
        "InvalidConfigurationRequest",
        "Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'",
    ):
        elb.listener(web, [forward(grpc)])
    elb.listener(net, [forward(tcp)], Protocol="TCP")


def test_https_needs_a_certificate_and_has_a_policy(elb: Balancing) -> None:
    balancer = elb.arn()
    with refused("ValidationError", "A certificate must be specified for HTTPS listeners"):
        elb.listener(balancer, Protocol="HTTPS", port=443)
    gone = "arn:aws:acm:us-east-1:123456789012:certificate/gone"
    with refused("CertificateNotFound", f"Certificate '{gone}' not found"):
        elb.listener(balancer, Protocol="HTTPS", port=443, Certificates=[{"CertificateArn": gone}])
    arn = imported(elb, "example.com")
    listener = elb.listener(balancer, Protocol="HTTPS", port=443, Certificates=[{"CertificateArn": arn}])
    [found] = elb.describe_listeners(ListenerArns=[listener])["Listeners"]
    assert found["SslPolicy"] == "ELBSecurityPolicy-2016-08"
    assert found["Certificates"] == [{"CertificateArn": arn}]
    assert found["MutualAuthentication"] == {"Mode": "off"}
    with refused("SSLPolicyNotFound", "SSL policy 'none' not found"):
        elb.modify_listener(ListenerArn=listener, SslPolicy="none")
    with refused("ValidationError", "A certificate cannot be specified for HTTP listeners"):
        elb.listener(balancer, Certificates=[{"CertificateArn": arn}])


def test_a_certificate_in_use_stays(elb: Balancing) -> None:
    acm, arn, balancer = elb.plane.client("acm"), imported(elb, "example.com"), elb.arn()
    listener = elb.listener(balancer, Protocol="HTTPS", port=443, Certificates=[{"CertificateArn": arn}])
    assert acm.describe_certificate(CertificateArn=arn)["Certificate"]["InUseBy"] == [balancer]
    with refused("ResourceInUseException"):
        acm.delete_certificate(CertificateArn=arn)
    other = imported(elb, "other.com")
    elb.modify_listener(ListenerArn=listener, Certificates=[{"CertificateArn": other}])
    acm.delete_certificate(CertificateArn=arn)
    elb.delete_load_balancer(LoadBalancerArn=balancer)
    acm.delete_certificate(CertificateArn=other)


def test_more_certificates_are_added_and_taken_away(elb: Balancing) -> None:
    first, second = imported(elb, "a.com"), imported(elb, "b.com")
    listener = elb.listener(elb.arn(), Protocol="HTTPS", port=443, Certificates=[{"CertificateArn": first}])
    added = elb.add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": second}])
    assert added["Certificates"] == [{"CertificateArn": second, "IsDefault": False}]
    shown = elb.describe_listener_certificates(ListenerArn=listener)["Certificates"]
    assert shown == [{"CertificateArn": first, "IsDefault": True}, {"CertificateArn": second, "IsDefault": False}]
    with refused("OperationNotPermitted"):
        elb.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": first}])
    elb.remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": second}])
    assert len(elb.describe_listener_certificates(ListenerArn=listener)["Certificates"]) == 1


def test_a_listener_changes_its_protocol_when_all_it_has_goes_with_that(elb: Balancing) -> None:
    group, arn = elb.group("grpc", ProtocolVersion="GRPC"), imported(elb, "a.com")
    listener = elb.listener(
        elb.arn(), [forward(group)], Protocol="HTTPS", port=443, Certificates=[{"CertificateArn": arn}]
    )
    with refused("InvalidConfigurationRequest"):
        elb.modify_listener(ListenerArn=listener, Protocol="HTTP")
    elb.modify_listener(ListenerArn=listener, Protocol="HTTP", Port=80, DefaultActions=FIXED)
    [found] = elb.describe_listeners(ListenerArns=[listener])["Listeners"]
    assert (found["Protocol"], found["Port"], "SslPolicy" in found) == ("HTTP", 80, False)
    elb.delete_target_group(TargetGroupArn=group)
    elb.plane.client("acm").delete_certificate(CertificateArn=arn)


def test_tls_speaks_alpn(elb: Balancing) -> None:
    group, arn = elb.group(Protocol="TCP"), imported(elb, "a.com")
    secured = {"Protocol": "TLS", "Certificates": [{"CertificateArn": arn}]}
    balancer = elb.network()
    with refused("ALPNPolicyNotFound"):
        elb.listener(balancer, [forward(group)], 443, **secured, AlpnPolicy=["HTTP4"])
    listener = elb.listener(balancer, [forward(group)], 443, **secured, AlpnPolicy=["HTTP2Preferred"])
    assert elb.describe_listeners(ListenerArns=[listener])["Listeners"][0]["AlpnPolicy"] == ["HTTP2Preferred"]


def test_policies_are_listed(elb: Balancing) -> None:
    [found] = elb.describe_ssl_policies(Names=["ELBSecurityPolicy-TLS13-1-2-2021-06"])["SslPolicies"]
    assert found["SslProtocols"] == ["TLSv1.2", "TLSv1.3"]
    assert found["Ciphers"][0] == {"Name": "TLS_AES_128_GCM_SHA256", "Priority": 1}


def test_either_listeners_or_a_load_balancer_is_named(elb: Balancing) -> None:
    balancer = elb.arn()
    assert elb.describe_listeners(LoadBalancerArn=balancer)["Listeners"] == []
    with refused("ValidationError"):
        elb.describe_listeners()
    with refused("InvalidConfigurationRequest", "Podium does not answer for mutual authentication yet."):
        arn = imported(elb, "a.com")
        mutual = {"Mode": "passthrough"}
        elb.listener(balancer, Protocol="HTTPS", Certificates=[{"CertificateArn": arn}], MutualAuthentication=mutual)
