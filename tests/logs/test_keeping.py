"""What the journal keeps of groups and streams, and how other rooms write into them."""

from inprocess import ACCOUNT, REGION, Plane, refused
from logs.streams import GROUP, Streams, messages
from podium.journals.events import Stream
from podium.logs import expiring, lines
from podium.logs.records import LogGroup, LogStream
from podium.store.session import Transaction

DAY = 86_400
HOME = f"aws:{REGION}:{ACCOUNT}"


def test_what_is_due_is_what_expired_and_what_has_no_record(plane: Plane, web: Streams) -> None:
    web.put("a", (0, "x"))
    web.put("b", (0, "x"))
    web.logs.put_retention_policy(logGroupName=GROUP, retentionInDays=3)
    [group] = plane.records(LogGroup)
    held = [Stream(group.key, stream.key) for stream in plane.records(LogStream)]
    orphan = Stream("a group of before", "a stream of before")
    due = plane.read(lambda tx: expiring.due(tx, [*held, orphan], plane.clock.now()))
    assert due.before == {group.key: web.now - 3 * DAY * 1000}
    assert list(due.gone) == [orphan.key]


def test_a_group_of_before_events_were_kept_takes_them(plane: Plane) -> None:
    """Records that were written then have no ids."""
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}"
    now = plane.clock.now()
    plane.write(lambda tx: tx.put(LogGroup(arn=arn, home=HOME, name=GROUP, created_at=now)))
    plane.write(lambda tx: tx.put(LogStream(arn=f"{arn}:log-stream:a", group_arn=arn, name="a", created_at=now)))
    with refused("ResourceAlreadyExistsException"):
        Streams(plane)
    logs = plane.client("logs")
    event = {"timestamp": int(now.timestamp() * 1000), "message": "x"}
    logs.put_log_events(logGroupName=GROUP, logStreamName="a", logEvents=[event])
    assert messages(logs.get_log_events(logGroupName=GROUP, logStreamName="a")) == ["x"]


def test_another_room_finds_where_its_lines_go(plane: Plane, web: Streams) -> None:
    def made(tx: Transaction) -> Stream | None:
        return lines.made(tx, HOME, GROUP, "mine", plane.ids, plane.clock.now())

    assert plane.read(lambda tx: lines.stream(tx, HOME, GROUP, "mine")) is None
    mine = plane.write(made)
    assert mine is not None
    assert plane.read(lambda tx: lines.stream(tx, HOME, GROUP, "mine")) == plane.write(made) == mine
    web.put("mine", (0, "x"))
    assert plane.journals.kept is not None
    plane.journals.kept.events.append(mine, [(web.now, "y")], web.now).result()
    assert messages(web.get("mine")) == ["x", "y"]
    assert plane.write(lambda tx: lines.made(tx, HOME, "ghost", "a", plane.ids, plane.clock.now())) is None
