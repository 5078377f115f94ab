"""Events of a streamed answer, as botocore reads them."""

from botocore.eventstream import EventStreamBuffer

from podium.wire import eventstream
from podium.wire.model import service_model


def messages(*frames: bytes) -> list[tuple[dict[str, str], bytes]]:
    buffer = EventStreamBuffer()
    for byte in b"".join(frames):
        buffer.add_data(bytes([byte]))
    return [(message.headers, message.payload) for message in buffer]


def test_frames_are_read_back_whatever_pieces_they_come_in() -> None:
    operation = service_model("logs").operation_model("StartLiveTail")
    found = messages(
        eventstream.beginning(),
        eventstream.event(operation, "sessionUpdate", {"sessionResults": [{"message": "größe", "timestamp": 7}]}),
        eventstream.event(operation, "SessionTimeoutException", {"message": "over"}),
    )
    assert [headers[":message-type"] for headers, _ in found] == ["event", "event", "exception"]
    assert found[0] == ({":message-type": "event", ":event-type": "initial-response", ":content-type": JSON}, b"{}")
    assert found[1][0][":event-type"] == "sessionUpdate"
    assert found[1][1].decode() == '{"sessionResults":[{"message":"größe","timestamp":7}]}'
    assert found[2][0][":exception-type"] == "SessionTimeoutException"


JSON = "application/json"
