"""podium status"""

import json
import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, JsonOption, data_dir, hint
from podium.cli.survey import survey
from podium.launch import engine, running

if TYPE_CHECKING:
    from rich.table import Table

Json = dict[str, Any]

# As much of an id as `podium logs` needs, and a terminal has room for.
SHORT_ID = 12
WIDTH_OF_A_PIPE = 160
MAY_WRAP = ("reached here by", "DNS name", "last event", "task definition", "group", "host ports")
SERVICES = ("cluster", "service", "task definition", "desired", "running", "pending", "last event")
TASKS = ("cluster", "task", "task definition", "group", "runs on", "status", "health", "address or host ports")
STRANGERS = ("task", "task definition", "group", "seen")
BALANCERS = ("load balancer", "scheme", "listener", "reached here by", "DNS name")
INSTANCES = ("cluster", "instance", "zone", "status", "agent", "tasks", "CPU free", "MiB free")


def status(data_dir_: DataDirOption = DEFAULT_DATA_DIR, as_json: JsonOption = False) -> None:
    """Show what runs: processes, Docker, clusters, container instances, services and tasks.

    Ends with exit code 1 when Podium does not run.
    """
    paths = data_dir(data_dir_)
    told = survey(paths, engine.default_host(os.environ), datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(told, indent=2))
    elif told["running"]:
        _show(told)
    else:
        typer.echo(
            f"Podium is not running on {paths.root}. Start it: {hint(paths, running.start_words(paths))}", err=True
        )
    if not told["running"]:
        raise typer.Exit(1)


def _show(told: Json) -> None:
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE)
    console.print(f"Podium {told['version']} at {told['url']}, up {_duration(told['uptimeSeconds'])}")
    console.print(f"account {told['account']}, region {told['region']}, data dir {told['dataDir']}", markup=False)
    console.print(_engine_line(told["engine"]), markup=False)
    for process in told["processes"]:
        console.print(_process_line(process), markup=False)
    if trouble := told["traffic"]["trouble"]:
        console.print(f"  {trouble}", markup=False)
    for table in (_instances(told), _services(told), _tasks(told), _strangers(told), _load_balancers(told)):
        if table.row_count:
            console.print()
            console.print(table)
    if not told["tasks"] and not told["strangers"]:
        console.print("\nNo task runs.")


def _duration(seconds: int | None) -> str:
    if seconds is None:
        return "for an unknown time"
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds % 60, "s")]
    shown = [f"{count} {unit}" for count, unit in parts if count][:2]
    return " ".join(shown) or "0 s"


def _engine_line(told: Json) -> str:
    return f"Docker Engine {told['version']} at {told['host']}" if told["answers"] else told["problem"]


def _process_line(process: Json) -> str:
    facts = [process["state"]]
    facts += [f"pid {process['pid']}"] if process["pid"] else []
    facts += [f"{process['residentMiB']} MiB"] if process["residentMiB"] else []
    facts += [f"restarts: {process['restarts']}"] if process["restarts"] else []
    facts += [process["reason"]] if process["reason"] else []
    return f"  {process['name']}: {', '.join(facts)}"


def _table(title: str, columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column not in MAY_WRAP)
    for row in rows:
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    return table


def _instances(told: Json) -> "Table":
    rows: list[tuple[object, ...]] = [
        (
            one["cluster"],
            one["arn"].rpartition("/")[2][:SHORT_ID],
            one["zone"],
            one["status"],
            "connected" if one["agentConnected"] else "not connected",
            one["runningTasks"],
            one["remaining"]["cpu"],
            one["remaining"]["memory"],
        )
        for one in told["containerInstances"]
    ]
    return _table("Container instances", INSTANCES, rows)


def _services(told: Json) -> "Table":
    members = ("cluster", "name", "taskDefinition", "desired", "running", "pending", "lastEvent")
    return _table("Services", SERVICES, [tuple(one[member] for member in members) for one in told["services"]])


def _load_balancers(told: Json) -> "Table":
    """One row a listener. Of the addresses at which it is reached the first that works is shown, or what is wrong."""
    rows: list[tuple[object, ...]] = [
        (
            balancer["name"],
            balancer["scheme"],
            f"{listener['protocol']}:{listener['port']}",
            balancer["refused"] or _door(listener),
            balancer["dnsName"],
        )
        for balancer in told["traffic"]["loadBalancers"]
        for listener in balancer["listeners"]
    ]
    return _table("Load balancers", BALANCERS, rows)


def _door(listener: Json) -> str:
    doors = sorted(listener["doors"], key=lambda door: (not door["open"], door["trouble"] is not None, door["shared"]))
    if not doors:
        return "not open yet"
    first = doors[0]
    return f"{first['host']}:{first['port']}" if first["open"] else str(first["trouble"])


def _strangers(told: Json) -> "Table":
    """Tasks that agents run and no record knows, as after a restore. They run on until someone stops them."""
    rows: list[tuple[object, ...]] = [
        (
            one["taskArn"].partition(":task/")[2],
            f"{one['family']}:{one['version']}",
            one["group"],
            one["seenAt"],
        )
        for one in told["strangers"]
    ]
    return _table("Tasks not on record, left running; `aws ecs stop-task` stops one", STRANGERS, rows)


def _tasks(told: Json) -> "Table":
    rows: list[tuple[object, ...]] = [
        (
            one["cluster"],
            one["id"][:SHORT_ID],
            one["taskDefinition"],
            one["group"],
            one["launchType"],
            one["lastStatus"],
            one["health"],
            one["address"] or ", ".join(str(port) for c in one["containers"] for port in c["hostPorts"]),
        )
        for one in told["tasks"]
    ]
    return _table("Tasks", TASKS, rows)
