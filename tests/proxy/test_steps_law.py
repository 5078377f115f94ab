"""Looking at what changed alone brings Envoy to the same as looking at everything."""

from hypothesis import given, settings
from hypothesis import strategies as st

from amounts import examples
from podium_proxy.ads.snapshot import Snapshot
from podium_proxy.ads.steps import Book, Sending, due
from podium_proxy.envoy.messages import Kind, Packet

NAMES = "abc"
CHANGES = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(list(Kind)), st.integers(0, 2), st.booleans()), max_size=12
)


def send(book: Book, sendings: list[Sending], goal: object, refuses: set[str]) -> None:
    """An Envoy that answers at once, asks for whatever it is told of, and refuses these versions of a listener."""
    for sending in sendings:
        kind = sending.kind
        for name in sending.names:
            version = goal.packets[kind][name].version
            book.held[kind][name] = version
            if kind is Kind.LISTENER and version in refuses:
                book.refused[kind, name] = (book.lacks(kind, name), "no")
        for name in sending.removed:
            book.held[kind].pop(name, None)
        book.greeted.add(kind)


@settings(max_examples=examples(100))
@given(CHANGES)
def test_envoy_ends_up_with_all_that_it_asked_for_and_did_not_refuse(changes):
    snapshot, book = Snapshot(), Book()
    book.opened.update(Kind)
    for kind in Kind:
        book.asked[kind].update(NAMES)
    with snapshot.watched() as news:
        for name, kind, version, stays in changes:
            packet = Packet(version=str(version), content=None)
            snapshot.put_packets(f"{kind}{name}", {(kind, name): packet} if stays else {})
            book.doubt(news)
            news.clear()
            goal = snapshot.goal()
            while sendings := due(book, goal, patient=True):
                send(book, sendings, goal, {"2"})
            for each in (Kind.CLUSTER, Kind.LISTENER):
                wanted = {n: p.version for n, p in goal.packets[each].items()}
                held = {n: v for n, v in wanted.items() if each is Kind.CLUSTER or v != "2"}
                assert book.held[each] == held
            for each in (Kind.ENDPOINTS, Kind.SECRET, Kind.ROUTES):
                wanted = {n: p.version for n, p in goal.packets[each].items()}
                assert {n: v for n, v in book.held[each].items() if n in wanted} == wanted
