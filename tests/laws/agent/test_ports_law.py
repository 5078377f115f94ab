"""Dynamic host ports: free, each given once, in a row where a row was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_agent.engine.ports import NoPort, Ports

FIRST, LAST = 40000, 40019

single = st.just({"containerPort": 80, "hostPort": 0})
ranges = st.integers(1, 8).map(lambda n: {"containerPortRange": f"7000-{6999 + n}"})
mappings = st.lists(
    st.one_of(single, ranges).flatmap(
        lambda m: st.sampled_from(["tcp", "udp"]).map(lambda protocol: {**m, "protocol": protocol})
    ),
    max_size=6,
)
busy_ports = st.sets(st.integers(FIRST, LAST), max_size=12)


@given(st.lists(mappings, max_size=5), busy_ports, st.text(max_size=3))
def test_ports_are_free_and_nobody_elses_and_as_many_as_were_asked_for(asked, busy, owner):
    ports = Ports((FIRST, LAST), owner, lambda port, protocol: port not in busy)
    taken: set[tuple[int, str]] = set()
    for one in asked:
        try:
            bindings = ports.bind(one, taken)
        except NoPort:
            continue
        for mapping, binding in zip(one, bindings, strict=True):
            text = mapping.get("containerPortRange")
            length = int(text[5:]) - 6999 if text else 1
            assert len(binding.taken) == length
            assert all(FIRST <= port <= LAST and port not in busy for port, _ in binding.taken)
            assert not binding.taken & taken
            taken |= binding.taken


@given(busy_ports, st.integers(1, 20), st.text(max_size=3))
def test_a_row_is_found_whenever_there_is_one(busy, length, owner):
    ports = Ports((FIRST, LAST), owner, lambda port, protocol: port not in busy)
    there_is = any(not busy & set(range(begin, begin + length)) for begin in range(FIRST, LAST - length + 2))
    mapping = {"containerPortRange": f"1-{length}"}
    if there_is:
        (binding,) = ports.bind([mapping], ())
        assert len(binding.taken) == length
    else:
        with pytest.raises(NoPort, match=f"^{length} contiguous host ports are unavailable$"):
            ports.bind([mapping], ())


def test_ports_are_given_in_turn_from_the_last_one_used():
    ports = Ports((FIRST, LAST), "", lambda port, protocol: True)
    one = {"containerPort": 80}
    first = ports.bind([one], ())[0].host_port
    assert [b.host_port for b in ports.bind([one, {"containerPortRange": "1-3"}, one], ())] == [
        first + 1,
        first + 2,
        first + 5,
    ]
