"""podium audit"""

import json
import sys
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, JsonOption, data_dir
from podium.cli.periods import seconds
from podium.launch import running

MOST_AT_ONCE = 1000
WIDTH_OF_A_PIPE = 200

Since = Annotated[str, typer.Option(help="How far back: 90s, 15m, 2h, 7d.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, counted from the newest.")]
Who = Annotated[str, typer.Option("--principal", help="Part of the caller's ARN.")]
What = Annotated[str, typer.Option("--operation", help="The API's name, such as CreateService.")]
Service = Annotated[str, typer.Option(help="ecs, iam, sts, ...")]
Outcome = Annotated[str, typer.Option(help="`ok`, `refused`, or an error's code.")]
Resource = Annotated[str, typer.Option(help="Part of the ARN of what was acted on.")]


def audit(
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    since: Since = "1d",
    limit: Limit = 100,
    principal: Who = "",
    operation: What = "",
    service: Service = "",
    outcome: Outcome = "",
    resource: Resource = "",
    as_json: JsonOption = False,
) -> None:
    """Print who changed, or tried to change, what: every mutating call, oldest first, kept for 90 days."""
    paths = data_dir(data_dir_)
    client = running.client(paths, running.need(paths))
    given = {"principal": principal, "operation": operation, "service": service, "outcome": outcome}
    wanted = {name: value for name, value in (given | {"resource": resource}).items() if value}
    entries: list[dict[str, Any]] = []
    while len(entries) < limit:
        most = min(MOST_AT_ONCE, limit - len(entries))
        seen = {"before": entries[-1]["key"]} if entries else {}
        asked = urlencode({"since": seconds(since), "limit": most, **wanted, **seen})
        more = client.page(f"audit?{asked}", timeout=30.0)["entries"]
        entries += more
        if len(more) < most:
            break
    entries.reverse()
    typer.echo(json.dumps(entries, indent=2)) if as_json else _show(entries)


def _show(entries: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not entries:
        typer.echo("No mutating call matches.")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for column in ("time (UTC)", "who", "from", "what", "outcome", "on"):
        table.add_column(column, overflow="fold")
    for entry in entries:
        cells = (
            entry["at"][:19].replace("T", " "),
            entry["principal"].partition("::")[2] or entry["principal"],
            entry["sourceIp"],
            f"{entry['service']} {entry['operation']}",
            entry["outcome"],
            ", ".join(arn.split(":", 5)[-1] for arn in entry["resources"]),
        )
        table.add_row(*map(Text, cells))
    Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE).print(table)
