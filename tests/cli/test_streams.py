"""Lines of several containers, as `podium logs` prints them."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from podium.cli.streams import COLOURS, PLAIN, Prefixes, merged, stamped


def test_docker_s_stamps_are_taken_off():
    assert list(stamped([b"2026-01-01T00:00:00.5Z hello world\n", b"2026-01-01T00:00:01Z \n"])) == [
        (b"2026-01-01T00:00:00.5Z", b"hello world\n"),
        (b"2026-01-01T00:00:01Z", b"\n"),
    ]


def stamp(nanoseconds: int) -> bytes:
    """As Docker writes it, without trailing zeros."""
    seconds, rest = divmod(nanoseconds, 10**9)
    fraction = f".{rest:09d}".rstrip("0").rstrip(".")
    return f"2026-01-01T00:00:{seconds:02d}{fraction}Z".encode()


@given(st.lists(st.lists(st.integers(0, 3 * 10**9) | st.sampled_from([10**9, 10**9 + 10, 10**9 + 9]))))
def test_lines_come_in_the_order_of_time_and_none_is_lost(times):
    sources = [(str(place), [(stamp(at), b"%d" % at) for at in sorted(one)]) for place, one in enumerate(times)]
    found = list(merged(sources))
    assert all(int(a[1][1]) <= int(b[1][1]) for a, b in pairwise(found))
    for name, lines in sources:
        assert [line for source, line in found if source == name] == lines


def test_a_name_keeps_its_colour_and_on_a_pipe_has_none():
    prefixes = Prefixes(coloured=True)
    assert prefixes.of("a") == f"{COLOURS[0]}a |{PLAIN} ".encode()
    assert prefixes.of("b") == f"{COLOURS[1]}b |{PLAIN} ".encode()
    assert prefixes.of("a") == f"{COLOURS[0]}a |{PLAIN} ".encode()
    assert Prefixes(coloured=False).of("a") == b"a | "
    assert Prefixes(coloured=True).of("") == b""
