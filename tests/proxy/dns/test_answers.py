"""What is answered for each kind of name."""

from random import Random
from typing import Any

import pytest
from dnslib import RCODE

from podium_proxy.dns.answers import MOST, Answer, answer
from podium_proxy.dns.book import Book
from proxy.dns.documents import configuration, endpoint, load_balancer, name

LB = "web-1.us-east-1.elb.amazonaws.com"


def book(*names: Any, public: bool = False, **members: Any) -> Book:
    made = Book(public=public)
    made.update(configuration(*names, **members))
    return made


def asked(of: Book, full: str, kind: str = "A", seed: int = 1) -> Answer:
    found = answer(of, full, kind, Random(seed))
    assert found is not None
    return found


def data(found: Answer) -> list[str]:
    return sorted(str(each.rdata) for each in found.records)


def many(count: int, **members: Any) -> list[Any]:
    return [endpoint(f"i{n}", ipv4=f"10.0.0.{n}", **members) for n in range(1, count + 1)]


def test_a_name_has_the_addresses_of_its_instances_for_as_long_as_the_service_says() -> None:
    found = asked(book(name("web.local", *many(2), A=42)), "web.local")
    assert data(found) == ["10.0.0.1", "10.0.0.2"]
    assert {each.ttl for each in found.records} == {42}


def test_of_many_instances_eight_are_given_and_all_of_them_in_the_end() -> None:
    known = book(name("web.local", *many(20)))
    given = [data(asked(known, "web.local", seed=n)) for n in range(60)]
    assert {len(each) for each in given} == {MOST}
    assert {address for each in given for address in each} == {f"10.0.0.{n}" for n in range(1, 21)}


def test_instances_that_are_not_healthy_are_given_only_where_there_are_no_others() -> None:
    ill = [endpoint("i", ipv4="10.0.1.1", healthy=False), endpoint("j", ipv4="10.0.1.2", healthy=False)]
    assert data(asked(book(name("web.local", *many(1), *ill)), "web.local")) == ["10.0.0.1"]
    assert data(asked(book(name("web.local", *ill)), "web.local")) == ["10.0.1.1", "10.0.1.2"]


def test_a_weighted_name_gives_one_instance_at_a_time() -> None:
    known = book(name("web.local", *many(3), routing="WEIGHTED"))
    given = [data(asked(known, "web.local", seed=n)) for n in range(40)]
    assert {len(each) for each in given} == {1}
    assert len({each[0] for each in given}) == 3


def test_an_srv_record_leads_to_the_instance_whose_addresses_come_with_it() -> None:
    one = endpoint("task-1", ipv4="10.0.0.1", ipv6="fd00::1", port=8080)
    known = book(name("web.local", one, SRV=60))
    found = asked(known, "web.local", "SRV")
    assert data(found) == ["1 1 8080 task-1.web.local."]
    assert [str(each.rdata) for each in found.additional] == ["10.0.0.1", "fd00::1"]
    assert data(asked(known, "task-1.web.local")) == ["10.0.0.1"]
    assert data(asked(known, "task-1.web.local", "AAAA")) == ["fd00::1"]
    assert asked(known, "task-2.web.local").code == RCODE.NXDOMAIN


def test_what_an_instance_has_no_record_of_is_nothing() -> None:
    known = book(name("web.local", *many(1), A=10))
    for kind in ("AAAA", "SRV", "MX", "CNAME"):
        found = asked(known, "web.local", kind)
        assert (found.code, found.records) == (RCODE.NOERROR, [])
        assert str(found.authority[0].rname) == "local."


def test_what_is_not_in_a_zone_of_ours_does_not_exist_and_is_asked_for_again_soon() -> None:
    found = asked(book(), "nobody.local")
    assert found.code == RCODE.NXDOMAIN
    assert found.authority[0].ttl <= 15


def test_what_only_has_names_below_it_exists() -> None:
    known = book(name("_web._tcp.local", *many(1, port=80), SRV=1))
    assert asked(known, "_tcp.local").code == RCODE.NOERROR
    known.update(configuration(gone=["_web._tcp.local"], whole=False))
    assert asked(known, "_tcp.local").code == RCODE.NXDOMAIN


def test_a_zone_says_who_answers_for_it() -> None:
    assert data(asked(book(), "local", "SOA"))[0].startswith("ns.local.")
    assert asked(book(), "local").code == RCODE.NOERROR


def test_names_of_other_zones_are_not_ours() -> None:
    known = book(name("web.local", *many(1)), load_balancers={"a": load_balancer(LB, "10.1.0.1")})
    for other in ("example.com", "notlocal", f"x.{LB}", "us-east-1.elb.amazonaws.com"):
        assert answer(known, other, "A", Random(1)) is None


def test_a_load_balancer_has_its_private_addresses_and_on_the_host_its_public_one() -> None:
    both = {"a": load_balancer(LB, "10.1.0.1", "10.1.1.1", public="127.0.64.1")}
    assert data(asked(book(load_balancers=both), LB)) == ["10.1.0.1", "10.1.1.1"]
    assert set(data(asked(book(load_balancers=both, public=True), LB))) == {"127.0.64.1"}
    internal = {"a": load_balancer(LB, "10.1.0.1")}
    assert data(asked(book(load_balancers=internal, public=True), LB)) == ["10.1.0.1"]
    assert asked(book(load_balancers=both), LB, "AAAA").records == []
    assert asked(book(load_balancers=both), LB).records[0].ttl == 60


def test_a_load_balancer_that_is_gone_is_somebody_elses_name() -> None:
    known = book(load_balancers={"a": load_balancer(LB, "10.1.0.1")})
    known.update(configuration(load_balancers={"a": None}, whole=False))
    assert answer(known, LB, "A", Random(1)) is None


def test_a_cname_is_followed_where_it_leads() -> None:
    inside = name("db.local", endpoint(cname="web.local."), routing="WEIGHTED", CNAME=5)
    outside = name("out.local", endpoint(cname="Example.com"), routing="WEIGHTED", CNAME=5)
    known = book(inside, outside, name("web.local", *many(1)))
    assert data(asked(known, "db.local", "CNAME")) == ["web.local."]
    assert data(asked(known, "db.local")) == ["10.0.0.1", "web.local."]
    assert asked(known, "out.local").asked_elsewhere == "example.com"
    assert asked(known, "out.local", "CNAME").asked_elsewhere is None


def test_a_cname_that_leads_back_to_itself_ends() -> None:
    known = book(name("loop.local", endpoint(cname="loop.local"), routing="WEIGHTED", CNAME=5))
    assert asked(known, "loop.local").code == RCODE.SERVFAIL


def test_an_alias_has_the_addresses_of_its_load_balancer() -> None:
    alias = name("web.local", endpoint(cname=LB.upper()), routing="WEIGHTED", A=10)
    known = book(alias, load_balancers={"a": load_balancer(LB, "10.1.0.1")})
    found = asked(known, "web.local")
    assert [(str(each.rname), str(each.rdata)) for each in found.records] == [("web.local.", "10.1.0.1")]
    assert asked(book(alias), "web.local").asked_elsewhere == LB


@pytest.mark.parametrize("identity", ["a" * 64, "", "a..b"])
def test_an_instance_whose_id_dns_cannot_carry_does_not_spoil_the_others(identity: str) -> None:
    odd, good = endpoint(identity, ipv4="10.0.0.9", port=1), endpoint("good", ipv4="10.0.0.1", port=2)
    assert data(asked(book(name("web.local", odd, good, SRV=1)), "web.local", "SRV")) == ["1 1 2 good.web.local."]
