"""HTTPS and network load balancers through a real Envoy."""

import http.client
import json
import socket
import ssl
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from proxy.backends import backends, free_port
from proxy.certificates import certificate, serial
from proxy.documents import arn_of, balancer, check, fixed, forward, group, group_arn, listener, rule, target
from proxy.machine import Machine, Plane
from waiting import until

PUBLIC, OTHER = "127.0.98.20", "127.0.98.21"


def shown(host: str, port: int, name: str | None) -> int:
    """The serial number of the certificate that is shown to who asks for `name`."""
    with dial(host, port, name) as connection:
        return x509.load_der_x509_certificate(connection.getpeercert(binary_form=True)).serial_number


def dial(host: str, port: int, name: str | None, alpn: tuple[str, ...] = (), newest: Any = None) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(alpn)
    if newest is not None:
        context.maximum_version = newest
    return context.wrap_socket(socket.create_connection((host, port), timeout=10), server_hostname=name)


def said(host: str, port: int, name: str) -> str:
    connection = http.client.HTTPConnection(host, port)
    connection.sock = dial(host, port, name)
    connection.request("GET", "/", headers={"Host": name})
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def secure(name: str, port: int, text: str, *certificates: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return listener(
        name, port, rule(None, fixed(200, text)), protocol="HTTPS", certificates=list(certificates), **changes
    )


def test_certificates_are_chosen_by_name_and_change_without_a_new_connection(plane: Plane):
    port = free_port()
    first, second = certificate("arn:first", "first.example.com"), certificate("arn:second", "*.second.example.com")
    plane.applied(balancer("tls", [secure("tls", port, "hello", first, second)], [], PUBLIC))
    assert shown(PUBLIC, port, "first.example.com") == serial(first)
    assert shown(PUBLIC, port, "www.second.example.com") == serial(second)
    assert shown(PUBLIC, port, "other.example.com") == serial(first)
    kept = http.client.HTTPConnection(PUBLIC, port)
    kept.sock = dial(PUBLIC, port, "first.example.com", ("http/1.1",))
    renewed = certificate("arn:first", "first.example.com")
    plane.applied(balancer("tls", [secure("tls", port, "hello", renewed, second)], [], PUBLIC))
    until(lambda: shown(PUBLIC, port, "first.example.com") == serial(renewed), "the new certificate")
    kept.request("GET", "/")
    answer = kept.getresponse()
    assert (answer.read(), answer.headers.get("Connection")) == (b"hello", None)
    kept.close()


def test_http2_is_offered_by_alpn_and_can_be_turned_off(plane: Plane):
    port, made = free_port(), certificate("arn:alpn", "a.example.com")
    plane.applied(balancer("alpn", [secure("alpn", port, "", made)], [], PUBLIC))
    with dial(PUBLIC, port, "a.example.com", ("h2", "http/1.1")) as connection:
        assert connection.selected_alpn_protocol() == "h2"
    off = {"routing.http2.enabled": "false"}
    plane.applied(balancer("alpn", [secure("alpn", port, "", made)], [], PUBLIC, attributes=off))
    with dial(PUBLIC, port, "a.example.com", ("h2", "http/1.1")) as connection:
        assert connection.selected_alpn_protocol() == "http/1.1"


def test_a_policy_for_tls_1_3_refuses_older_clients(plane: Plane):
    port, made = free_port(), certificate("arn:policy", "a.example.com")
    policy = "ELBSecurityPolicy-TLS13-1-3-2021-06"
    plane.applied(balancer("policy", [secure("policy", port, "", made, ssl_policy=policy)], [], PUBLIC))
    with pytest.raises((ssl.SSLError, ConnectionError)):
        dial(PUBLIC, port, "a.example.com", newest=ssl.TLSVersion.TLSv1_2)
    with dial(PUBLIC, port, "a.example.com") as connection:
        assert connection.version() == "TLSv1.3"


def test_https_at_127_0_0_1_is_told_apart_by_sni(plane: Plane):
    port = free_port()
    one = balancer("one", [secure("one", port, "one", certificate("arn:1", "one.example.com"))], [], PUBLIC)
    two = balancer("two", [secure("two", port, "two", certificate("arn:2", "two.example.com"))], [], OTHER)
    assert plane.applied(one, two) == {}
    assert said("127.0.0.1", port, "one.example.com") == "one"
    assert said("127.0.0.1", port, "two.example.com") == "two"
    assert said("127.0.0.1", port, two["dns_name"]) == "two"
    assert said("127.0.0.1", port, "nobody.example.com") == "one"
    assert said(OTHER, port, "nobody.example.com") == "two"


def network(name: str, document: dict[str, Any], groups: list[dict[str, Any]]) -> dict[str, Any]:
    return balancer(name, [document], groups, PUBLIC, type="network", arn=arn_of(name, "net"))


def test_a_network_load_balancer_passes_connections_on(plane: Plane):
    port = free_port()
    with backends("tcp") as [web]:
        groups = [group("tcp", target(web.port), protocol="TCP", health_check=check(protocol="TCP"))]
        document = listener("nlb", port, rule(None, forward("tcp")), protocol="TCP")
        assert plane.applied(network("nlb", document, groups)) == {}
        until(lambda: plane.is_healthy(group_arn("tcp"), web.port), "health")
        for host in (PUBLIC, "127.0.0.1"):
            connection = http.client.HTTPConnection(host, port)
            connection.request("GET", "/over/tcp")
            answer = json.loads(connection.getresponse().read())
            connection.close()
            assert (answer["path"], "x-forwarded-for" in answer["headers"]) == ("/over/tcp", False)


def test_a_network_load_balancer_ends_tls_with_its_certificate(plane: Plane):
    port, made = free_port(), certificate("arn:nlb", "nlb.example.com")
    with backends("inner") as [web]:
        groups = [group("inner", target(web.port), protocol="TCP", health_check=check(protocol="TCP"))]
        document = listener("nlbs", port, rule(None, forward("inner")), protocol="TLS", certificates=[made])
        assert plane.applied(network("nlbs", document, groups)) == {}
        until(lambda: plane.is_healthy(group_arn("inner"), web.port), "health")
        assert json.loads(said(PUBLIC, port, "nlb.example.com"))["name"] == "inner"


def test_udp_is_refused_in_a_sentence(plane: Plane):
    document = listener("udp", free_port(), rule(None, forward("udp")), protocol="UDP")
    refused = plane.applied(network("udp", document, [group("udp", protocol="UDP")]))
    assert refused[arn_of("udp", "net")] == "A listener for UDP is not carried here; TCP and TLS are."


def test_no_private_key_lies_in_a_plain_file(plane: Plane, proxy: tuple[Plane, Machine]):
    made = certificate("arn:key", "key.example.com")
    plane.applied(balancer("key", [secure("key", free_port(), "", made)], [], PUBLIC))
    folder: Path = proxy[1].data_dir
    until(lambda: (folder / "state" / "configuration").exists(), "the state")
    line = made["key"].splitlines()[1]
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not [path for path in files if line.encode() in path.read_bytes()]
    assert {path.stat().st_mode & 0o77 for path in (folder / "state").iterdir()} == {0}
