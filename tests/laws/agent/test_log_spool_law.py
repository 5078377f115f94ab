"""Whatever is written and however little room there is: lines arrive in order, or are counted where they fell off."""

import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from podium_agent.awslogs.spool import PUT, Sender, Spool

SENDER = Sender(task_arn="t", credentials_id="c", cluster="default")
DEEDS = st.lists(
    st.tuples(st.just("put"), st.sampled_from("ab"), st.integers(1, 4)) | st.sampled_from([("take",), ("start anew",)]),
    max_size=40,
)


@given(DEEDS, st.integers(0, 2000))
def test_lines_arrive_in_order_or_are_counted_in_their_place(deeds, most):
    written: dict[str, int] = defaultdict(int)
    read: dict[str, list[tuple[int, int]]] = defaultdict(list)  # first line and how many, in the order of arrival
    with tempfile.TemporaryDirectory() as folder:
        spool = Spool(Path(folder) / "spool.db", most)

        def take() -> bool:
            entry = spool.oldest()
            if entry is None:
                return False
            events, stream = entry.request["logEvents"], entry.request["logStreamName"]
            if entry.lost:
                assert str(entry.lost) in events[0]["message"]
            read[stream].append((-1 if entry.lost else events[0]["timestamp"], entry.lost or len(events)))
            spool.done(entry)
            return True

        for deed, *told in deeds:
            if deed == "put":
                stream, count = told
                events = [{"timestamp": written[stream] + n, "message": "m" * 50} for n in range(count)]
                written[stream] += count
                spool.append(PUT, SENDER, {"logGroupName": "g", "logStreamName": stream, "logEvents": events})
            elif deed == "take":
                take()
            else:
                spool.close()
                spool = Spool(Path(folder) / "spool.db", most)
        while take():
            pass
        assert spool.bytes == 0
        spool.close()
    for stream, count in written.items():
        place = 0
        for first, lines in read[stream]:
            assert first in (place, -1)
            place += lines
        assert place == count
