"""Where load balancers stand is known without looking at all of them."""

from podium_proxy.stands import Stands
from proxy.documents import arn_of, balancer, fixed, listener, rule

ONE, TWO = arn_of("one"), arn_of("two")


def lb(name: str, port: int, answer: int = 200, public: str = "127.0.98.1") -> dict:
    return balancer(name, [listener(name, port, rule(None, fixed(answer)))], [], public)


def test_only_other_places_count_as_a_move():
    stands = Stands()
    assert stands.changed({ONE: lb("one", 80)})
    assert not stands.changed({ONE: lb("one", 80, answer=404)})
    assert stands.changed({ONE: lb("one", 81)})
    assert stands.changed({ONE: None})
    assert not stands.changed({ONE: None})


def test_each_of_many_is_taken_in_though_the_first_has_moved():
    stands = Stands()
    both = {ONE: lb("one", 80), TWO: lb("two", 80, public="127.0.98.2")}
    assert stands.changed(both)
    assert not stands.changed(both)
    assert stands.hosts() == {"127.0.99.1", "127.0.99.2"}


def test_an_address_is_held_for_as_long_as_somebody_has_it():
    stands = Stands()
    stands.changed({ONE: lb("one", 80), TWO: lb("two", 80)})
    stands.changed({ONE: None})
    assert stands.hosts() == {"127.0.99.1"}
    stands.changed({TWO: None})
    assert stands.hosts() == set()
