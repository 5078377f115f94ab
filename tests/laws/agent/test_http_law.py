"""The HTTP client reads an answer however it comes in pieces."""

import asyncio
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from podium_agent.net.http import Client

pieces = st.lists(st.binary(min_size=1, max_size=30), max_size=6)
cuts = st.lists(st.integers(1, 200), max_size=8)


def chunked(parts):
    frames = [f"{len(p):x}\r\n".encode() + p + b"\r\n" for p in parts]
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(frames) + b"0\r\n\r\n"


def measured(parts):
    body = b"".join(parts)
    return f"HTTP/1.1 404 Not Found\r\nContent-Length: {len(body)}\r\nX-A:  b \r\n\r\n".encode() + body


def cut(data, places):
    edges = sorted({min(p, len(data)) for p in places} | {0, len(data)})
    return [data[a:b] for a, b in pairwise(edges)]


class Pretended:
    """A connection whose peer sends these pieces, one for each request made on it."""

    def __init__(self, answers):
        self.answers = answers
        self.dials = 0

    async def dial(self, limit):
        self.dials += 1
        reader = asyncio.StreamReader()
        return reader, Writer(reader, self.answers)


class Writer:
    def __init__(self, reader, answers):
        self._reader, self._answers, self._closed = reader, answers, False
        self.written = []

    def write(self, data):
        self.written.append(data)
        for piece in self._answers.pop(0):
            self._reader.feed_data(piece)

    def close(self):
        self._closed = True

    def is_closing(self):
        return self._closed


@settings(deadline=None)
@given(pieces, cuts, st.sampled_from([chunked, measured]))
def test_a_body_is_read_whole_and_its_connection_used_again(parts, places, answer):
    async def twice():
        peer = Pretended([cut(answer(parts), places), cut(measured([b"second"]), places)])
        client = Client(peer.dial, "host")
        first = await client.request("GET", "/a")
        second = await client.request("POST", "/b", body=b"x")
        return first, second, peer.dials

    first, second, dials = asyncio.run(twice())
    assert first.body == b"".join(parts)
    assert (second.status, second.body, second.headers["x-a"]) == (404, b"second", "b")
    assert dials == 1


@settings(deadline=None)
@given(st.lists(st.text("abc{}", min_size=1, max_size=9), max_size=5), cuts)
def test_lines_are_told_apart(lines, places):
    async def read():
        text = "\n".join(lines).encode()
        peer = Pretended([cut(chunked([p for p in cut(text, places) if p]), places)])
        client = Client(peer.dial, "host")
        return [line async for _, line in client.lines("GET", "/events")]

    assert asyncio.run(read()) == [b"", *(line.encode() for line in lines)]
