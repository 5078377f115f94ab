from hypothesis import given
from hypothesis import strategies as st

from cli.docker_engine import frame
from podium.cli.frames import lines

LINES = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=30).map(lambda text: text.replace(b"\n", b""))))


@given(LINES, st.data())
def test_lines_come_out_whole_and_in_order_however_the_stream_was_cut(written, data):
    stream = b"".join(frame(number, line + b"\n") for number, line in written)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert list(lines(pieces)) == [line + b"\n" for _, line in written]


@given(st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=20))))
def test_no_line_is_mixed_from_two_streams_and_nothing_is_lost(written):
    seen = list(lines([b"".join(frame(number, payload) for number, payload in written)]))
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in seen)
    each = [b"".join(payload for number, payload in written if number == stream) for stream in (1, 2)]
    expected = [line for text in each for line in text.split(b"\n") if line]
    assert sorted(line[:-1] for line in seen if line != b"\n") == sorted(expected)
