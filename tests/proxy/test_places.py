"""Where listeners are, who shares a port of 127.0.0.1, and what is said when a place cannot be had."""

import errno
import socket
from typing import Any

import pytest

from podium_proxy import doors
from podium_proxy.documents import Documents
from podium_proxy.doors import Doors
from podium_proxy.envoy import cidrs, sharing, wildcards
from podium_proxy.places import Place, domains, own, shared, together
from podium_proxy.store import Store
from proxy.documents import arn_of, balancer, fixed, host, listener, rule


def lb(name: str, port: int = 80, protocol: str = "HTTP", *rules: Any, **changes: Any) -> Any:
    document = listener(name, port, *rules, rule(None, fixed(200)), protocol=protocol)
    return balancer(name, [document], [], "127.0.64.1", **changes)


def test_a_listener_is_at_every_address_of_its_load_balancer():
    one = lb("one")
    assert [place.host for place in own(one, one["listeners"][0])] == ["127.0.64.1", "127.0.99.1"]


def test_the_oldest_says_what_a_shared_port_speaks():
    kept, others = together(shared([lb("a"), lb("b", 80, "TCP"), lb("c"), lb("d", 81)], 80))
    assert [share.balancer["name"] for share in kept] == ["a", "c"]
    assert [share.balancer["name"] for share in others] == ["b"]


def test_tcp_cannot_be_told_apart_and_belongs_to_the_oldest():
    kept, others = together(shared([lb("a", 80, "TCP"), lb("b", 80, "TCP"), lb("c")], 80))
    assert [share.balancer["name"] for share in kept] == ["a"]
    assert [share.balancer["name"] for share in others] == ["b", "c"]


def test_https_and_tls_share_by_sni():
    kept, _ = together(shared([lb("a", 443, "HTTPS"), lb("b", 443, "TLS")], 443))
    assert [share.balancer["name"] for share in kept] == ["a", "b"]


def test_hosts_that_two_claim_belong_to_the_older():
    named = rule(1, fixed(200), host("Shop.example.com", "*.b.c", "a*b"))
    found = sharing.hosts(shared([lb("a", 80, "HTTP", named), lb("b", 80, "HTTP", named)], 80))
    names = [[name for name in each if "elb" not in name] for _, each in found]
    assert names == [["shop.example.com", "*.b.c"], []]
    assert domains(found[1][0])[0].startswith("b-")


def test_one_alone_has_every_host():
    assert sharing.hosts(shared([lb("a")], 80))[0][1] == ["*"]


def test_a_low_port_without_the_right_gets_a_high_one_beside(monkeypatch: pytest.MonkeyPatch):
    taken = {8080: errno.EADDRINUSE}
    monkeypatch.setattr(doors, "probe", lambda _, port: errno.EACCES if port < 1024 else taken.get(port))
    place, other = Place(host="127.0.0.1", port=443), Place(host="127.0.0.1", port=80)
    found = Doors().hold([place, other])
    assert found[place].port == 8443
    assert found[place].trouble is not None
    assert "sysctl net.ipv4.ip_unprivileged_port_start=443" in found[place].trouble
    assert found[other].port not in (None, 80, 8080)


def test_an_address_that_is_not_here_says_what_it_takes():
    opening = Doors().hold([Place(host="203.0.113.7", port=8080)]).popitem()[1]
    assert opening.port is None
    assert opening.trouble == (
        "The address 203.0.113.7 is not on this machine. Putting it there needs root: run the proxy as root."
    )


def test_what_our_own_envoy_has_is_no_trouble():
    with socket.socket() as envoy:
        envoy.bind(("127.0.0.1", 0))
        envoy.listen()
        place = Place(host="127.0.0.1", port=envoy.getsockname()[1])
        assert Doors().hold([place])[place].port is None
        ours = Doors()
        ours.adopt({(place.host, place.port)})
        assert ours.hold([place])[place].trouble is None
        assert ours.hold([place])[place].trouble is None


def said(whole: bool, **balancers: Any) -> Any:
    documents = {arn_of(name): document for name, document in balancers.items()}
    return {"revision": 1, "whole": whole, "load_balancers": documents, "names": {}, "zones": [], "vpc": None}


def test_documents_replace_one_another_and_none_takes_away():
    documents = Documents()
    assert documents.apply(said(True, a=lb("a"), b=lb("b"))) == {arn_of("a"), arn_of("b")}
    assert documents.apply(said(False, a=lb("a"))) == set()
    assert documents.apply(said(False, a=None, c=lb("c"))) == {arn_of("a"), arn_of("c")}
    assert documents.apply(said(True, c=lb("c"))) == {arn_of("b")}
    assert list(documents.load_balancers) == [arn_of("c")]


def test_the_oldest_stays_the_oldest_when_it_changes():
    documents = Documents()
    documents.apply(said(True, a=lb("a"), b=lb("b")))
    documents.apply(said(False, a=lb("a", 81)))
    assert list(documents.load_balancers) == [arn_of("a"), arn_of("b")]


def test_what_is_stored_is_read_again_and_nothing_else(tmp_path: Any):
    Store(tmp_path / "state").write("health", '{"a": 1}')
    assert Store(tmp_path / "state").read("health") == {"a": 1}
    assert Store(tmp_path / "state").read("configuration") is None
    (tmp_path / "state" / "health").rename(tmp_path / "state" / "configuration")
    assert Store(tmp_path / "state").read("configuration") is None


def test_a_cidr_is_a_pattern_of_octets():
    assert cidrs.pattern("10.0.0.0/8") == r"10\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}"
    assert cidrs.pattern("10.1.2.3/32") == r"10\.1\.2\.3"
    assert cidrs.pattern("10.1.2.2/31") == r"10\.1\.2\.(?:2|3)"


def test_wildcards_mean_themselves_and_nothing_else():
    assert wildcards.pattern("a.b*c?(d)") == r"a\.b.*c.\(d\)"
