"""What comes out of a container, and what comes over a session's socket, cannot be trusted to be whole or sane."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from podium.server.sessions.visitors import checked
from podium_agent.sessions.commands import frames
from podium_protocol import Malformed, decode, sessions

pieces = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=200)), max_size=8)
anything = st.one_of(
    st.binary(max_size=100),
    st.text(max_size=100),
    st.builds(sessions.resized, st.integers(), st.integers()),
    st.sampled_from([sessions.ended(0), sessions.asked({}), sessions.input_ended(), '{"type":"Resized","message":[]}']),
)


def read(chunks: list[bytes]) -> list[tuple[int, bytes]]:
    """What is made of output that arrives in these chunks, and then ends."""

    async def run() -> list[tuple[int, bytes]]:
        reader = asyncio.StreamReader()

        async def feed() -> None:
            for chunk in chunks:
                reader.feed_data(chunk)
                await asyncio.sleep(0)
            reader.feed_eof()

        feeding = asyncio.create_task(feed())
        found = [frame async for frame in frames(reader)]
        await feeding
        return found

    return asyncio.run(run())


@given(pieces, st.integers(1, 64))
def test_output_is_the_same_however_it_is_cut(written: list[tuple[int, bytes]], size: int) -> None:
    sent = b"".join(bytes((stream, 0, 0, 0)) + len(data).to_bytes(4, "big") + data for stream, data in written)
    found = read([sent[start : start + size] for start in range(0, len(sent), size)])
    for stream in (1, 2):
        assert b"".join(d for s, d in found if s == stream) == b"".join(d for s, d in written if s == stream)


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_no_output_breaks_its_reader(chunks: list[bytes]) -> None:
    found = read(chunks)
    assert sum(len(data) for _, data in found) <= sum(map(len, chunks))


@given(anything)
def test_an_agent_hears_of_a_visitor_only_what_it_may(frame: str | bytes) -> None:
    try:
        handed_on = checked(frame)
    except Malformed:
        return
    if isinstance(handed_on, bytes):
        assert handed_on[0] == sessions.MAIN
        return
    message = decode(handed_on)
    assert message.type in (sessions.RESIZED, sessions.INPUT_ENDED)
    if message.type == sessions.RESIZED:
        assert all(0 < number < 1 << 16 for number in sessions.size(message.body))
