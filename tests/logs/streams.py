"""Log streams with events in them, for tests."""

from typing import Any

from inprocess import Plane

GROUP = "/ecs/web"
DAY = 86_400_000


class Streams:
    """A log group and whoever writes into it. Moments are told in milliseconds from now."""

    def __init__(self, plane: Plane) -> None:
        self.plane, self.logs = plane, plane.client("logs")
        self.logs.create_log_group(logGroupName=GROUP)

    @property
    def now(self) -> int:
        return int(self.plane.clock.now().timestamp() * 1000)

    def stream(self, *names: str) -> None:
        for name in names:
            self.logs.create_log_stream(logGroupName=GROUP, logStreamName=name)

    def put(self, stream: str, *events: tuple[int, str], **members: Any) -> dict[str, Any]:
        given = [{"timestamp": self.now + at, "message": message} for at, message in events]
        return dict(self.logs.put_log_events(logGroupName=GROUP, logStreamName=stream, logEvents=given, **members))

    def get(self, stream: str, **asked: Any) -> dict[str, Any]:
        return dict(self.logs.get_log_events(logGroupName=GROUP, logStreamName=stream, **asked))

    def filter(self, pattern: str = "", **asked: Any) -> dict[str, Any]:
        return dict(self.logs.filter_log_events(logGroupName=GROUP, filterPattern=pattern, **asked))


def messages(answer: dict[str, Any]) -> list[str]:
    return [event["message"] for event in answer["events"]]
