"""Looking at what changed alone brings Envoy to the same as looking at everything."""

from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from podium_proxy.ads.snapshot import Goal, Snapshot
from podium_proxy.ads.steps import Book, Sending, due
from podium_proxy.envoy.messages import Kind, Packet

NAMES = "abc"
CHANGES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(list(Kind)), st.integers(0, 2), st.booleans()), max_size=12
)


class Envoy:
    """Answers at once, asks for whatever there is, and refuses version 2 of any listener: it goes on with the older."""

    def __init__(self, book: Book) -> None:
        self.has: dict[Kind, dict[str, str]] = {kind: {} for kind in Kind}
        self._book = book
        book.opened.update(Kind)
        for kind in Kind:
            book.asked[kind].update(NAMES)

    def hear(self, sending: Sending, goal: Goal) -> None:
        kind, book = sending.kind, self._book
        book.greeted.add(kind)
        for name in sending.names:
            version = book.held[kind][name] = goal.packets[kind][name].version
            book.refused.pop((kind, name), None)
            if (kind, version) == (Kind.LISTENER, "2"):
                book.refused[kind, name] = (book.lacks(kind, name), "no")
            else:
                self.has[kind][name] = version
        for name in sending.removed:
            book.held[kind].pop(name, None)
            book.refused.pop((kind, name), None)
            self.has[kind].pop(name, None)


@settings(max_examples=examples(100))
@given(CHANGES)
def test_envoy_ends_up_with_all_that_it_did_not_refuse_and_nothing_else(changes):
    snapshot, book = Snapshot(), Book()
    envoy = Envoy(book)
    with snapshot.watched() as news:
        for name, kind, version, stays in changes:
            packet = Packet(version=str(version), content=None)
            snapshot.put_packets(f"{kind}{name}", {(kind, name): packet} if stays else {})
            book.doubt(news)
            news.clear()
            goal = snapshot.goal()
            while sendings := due(book, goal, patient=True):
                for sending in sendings:
                    envoy.hear(sending, goal)
            for each, packets in goal.packets.items():
                wanted = {n: p.version for n, p in packets.items() if (each, p.version) != (Kind.LISTENER, "2")}
                assert wanted.items() <= envoy.has[each].items()
            for each in (Kind.CLUSTER, Kind.LISTENER):
                assert envoy.has[each].keys() <= goal.packets[each].keys()
