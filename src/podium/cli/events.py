"""podium events"""

import json
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, data_dir
from podium.cli.periods import seconds
from podium.launch import running
from podium.launch.client import Client
from podium.launch.errors import Trouble

MOST_AT_ONCE = 1000
PATIENCE_SECONDS = 60.0  # more than a page is held back
Told = dict[str, Any]

Since = Annotated[str, typer.Option(help="How far back: 90s, 15m, 2h, 7d.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, counted from the newest.")]
Kind = Annotated[str, typer.Option("--type", help="Part of the detail-type: task, container instance, service, ...")]
Resource = Annotated[str, typer.Option(help="Part of the ARN of what it is about.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what happens from now on, until Ctrl-C.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print each event in EventBridge's envelope, one a line.")]


def events(
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    since: Since = "1h",
    limit: Limit = 100,
    kind: Kind = "",
    resource: Resource = "",
    follow: Follow = False,
    as_json: AsJson = False,
) -> None:
    """Print what ECS tells EventBridge of tasks, container instances, services and deployments, oldest first."""
    paths = data_dir(data_dir_)
    client = running.client(paths, running.need(paths))
    wanted = {name: value for name, value in {"type": kind, "resource": resource}.items() if value}
    if not client.page("events?limit=1", timeout=30.0)["kept"]:
        raise Trouble("This Podium was started with --events off, so it keeps none.")
    last = _told(client, {"since": str(seconds(since)), **wanted}, limit, as_json)
    while follow:
        last = _told(client, {"after": last, "wait": "1", **wanted}, None, as_json)


def _told(client: Client, asked: dict[str, str], limit: int | None, as_json: bool) -> str:
    """Prints all of them, or `limit`, which come a page at a time. The newest key that was looked at."""
    found: list[Told] = []
    last = None
    while limit is None or len(found) < limit:
        most = MOST_AT_ONCE if limit is None else min(MOST_AT_ONCE, limit - len(found))
        page = client.page(f"events?{urlencode({**asked, 'limit': most})}", PATIENCE_SECONDS)
        last = last or str(page["last"])  # of the first page, which is the newest
        found += page["events"]
        if len(page["events"]) < most:
            break
        asked = {**asked, "before": found[-1]["key"]}
    _print(found[::-1], as_json)
    assert last is not None, "limits are at least 1"
    return last


def _print(found: list[Told], as_json: bool) -> None:
    for one in found:
        event = one["event"]
        typer.echo(json.dumps(event, separators=(",", ":")) if as_json else _line(event))


def _line(event: Told) -> str:
    kind = event["detail-type"].removeprefix("ECS ")
    about = event["resources"][0].split(":", 5)[5]
    return f"{event['time'][11:19]}  {kind:31}  {about}  {_said(event['detail'])}"


def _said(detail: Told) -> str:
    if "eventName" in detail:
        return " ".join(filter(None, (detail["eventName"], detail.get("reason"))))
    if "lastStatus" in detail:
        wanted = "" if detail["desiredStatus"] == detail["lastStatus"] else f" (to be {detail['desiredStatus']})"
        return " ".join(filter(None, (f"{detail['lastStatus']}{wanted}", detail.get("stoppedReason"))))
    return f"{detail['status']}, agent {'connected' if detail['agentConnected'] else 'away'}"
