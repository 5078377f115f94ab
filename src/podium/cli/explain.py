"""podium explain"""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlencode

import typer

from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, JsonOption, data_dir
from podium.launch import running

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Json = dict[str, Any]
WIDTH_OF_A_PIPE = 160
COLORS = {"problem": "bold red", "warning": "yellow", "note": "cyan"}

What = Annotated[str, typer.Argument(metavar="SERVICE|TASK", help="A service's name, a task's id, or an ARN.")]
Within = Annotated[str, typer.Option("--cluster", help="The cluster's name or ARN; otherwise all are searched.")]


def explain(
    what: What, data_dir_: DataDirOption = DEFAULT_DATA_DIR, cluster: Within = "", as_json: JsonOption = False
) -> None:
    """Say why a service or a task is as it is, and what may be done about it."""
    paths = data_dir(data_dir_)
    client = running.client(paths, running.need(paths))
    asked = {"of": what, **({"cluster": cluster} if cluster else {})}
    told = client.page(f"explain?{urlencode(asked)}", timeout=30.0)
    typer.echo(json.dumps(told, indent=2)) if as_json else _show(told)


def _show(told: Json) -> None:
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE)
    _head_of_service(console, told) if told["kind"] == "service" else _head_of_task(console, told)
    if told["placement"]:
        _placement(console, told["placement"])
    _findings(console, told["findings"])
    for failure in told.get("failures", []):
        console.print(f"\n{failure['count']} x stopped: {failure['stoppedReason']}", markup=False)
        console.print(f"  {failure['plainly']}", markup=False)
    if told.get("events"):
        rows = [(event["at"][:19].replace("T", " "), event["message"]) for event in told["events"]]
        console.print("\n", _table("Last events", ("time (UTC)", "event"), rows), sep="")


def _head_of_service(console: "Console", told: Json) -> None:
    console.print(f"Service {told['name']} in the cluster {told['cluster']}: {told['status']}", markup=False)
    counts = f"{told['running']} of {told['desired']} tasks run, {told['wanted'] - told['running']} are on their way"
    console.print(f"{counts}; task definition {told['taskDefinition']}", markup=False)
    if told["rollout"]:
        console.print(told["rollout"], markup=False)


def _head_of_task(console: "Console", told: Json) -> None:
    state = f"{told['lastStatus']}, health {told['health']}"
    console.print(f"Task {told['id']} in the cluster {told['cluster']}: {state}", markup=False)
    console.print(" ".join(told["where"]), markup=False)
    if told["stoppedReason"]:
        console.print(f"It is to stop ({told['stopCode']}): {told['stoppedReason']}", markup=False)
    if told["plainly"]:
        console.print(told["plainly"], markup=False)
    columns = ("container", "image", "status", "health", "exit", "MiB", "MiB used", "reason")
    rows = [
        (c["name"], c["image"], c["lastStatus"], c["health"], c["exitCode"], c["memoryMiB"], c["usedMiB"], c["reason"])
        for c in told["containers"]
    ]
    console.print("\n", _table("Containers", columns, rows), sep="")


def _placement(console: "Console", told: Json) -> None:
    """What each requirement rules out, and the instance that comes closest."""
    title = f"Of {told['instances']} container instances {told['fit']} could take one more task"
    rows = [(row["requirement"], row["needs"], row["ruled_out"], row["at_best"]) for row in told["rows"]]
    console.print(f"\n{title}.", markup=False)
    if rows:
        console.print(_table("", ("requirement", "needs", "rules out", "at best"), rows))
    if closest := told["closest"]:
        name = closest["instance_arn"].rpartition("/")[2]
        console.print(f"Closest: {name}, which lacks {closest['in_words']}", markup=False)


def _findings(console: "Console", found: list[Json]) -> None:
    from rich.text import Text

    if not found:
        console.print("\nNothing is wrong with it that Podium knows of.")
    for one in found:
        console.print()
        console.print(Text.assemble((one["severity"], COLORS[one["severity"]]), f", {one['about']}: {one['sentence']}"))
        console.print(f"  {one['advice']}", markup=False)


def _table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=title or None, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0), pad_edge=False
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return table
