"""podium open"""

from typing import Annotated, Any

import typer

from podium.cli.options import DEFAULT_DATA_DIR, DataDirOption, JsonOption, data_dir, hint
from podium.launch import running
from podium.launch.errors import Trouble
from podium.launch.waiting import wait_until

Json = dict[str, Any]
OPENING_SECONDS = 5.0


def open(
    service: Annotated[str, typer.Argument(help="The service's name or ARN.")],
    cluster: Annotated[str, typer.Option(help="Its cluster. Default: all are searched.")] = "",
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    as_json: JsonOption = False,
) -> None:
    """Print an address at which a service behind a load balancer is reached on this machine.

    The address needs no DNS: `curl $(podium open web)`. What else there is to know goes to stderr.
    """
    import json
    from urllib.parse import quote

    paths = data_dir(data_dir_)
    query = f"open?service={quote(service)}" + (f"&cluster={quote(cluster)}" if cluster else "")
    client = running.client(paths, running.need(paths))
    told = client.page(query)
    if told["routes"] and not told["ways"]:  # a load balancer takes a moment to open
        wait_until(lambda: bool(client.page(query)["ways"]), OPENING_SECONDS)
        told = client.page(query)
    if as_json:
        typer.echo(json.dumps(told, indent=2))
        return
    _print(told, hint(paths, "status"))


def _print(told: Json, status: str) -> None:
    ways: list[Json] = told["ways"]
    if not told["loadBalancers"]:
        raise Trouble(f"The service {told['service']} is behind no load balancer. `{status}` shows its tasks' ports.")
    if not told["routes"]:
        raise Trouble(f"Nothing leads to the service {told['service']}: no listener or rule sends it requests.")
    if not ways:
        raise Trouble(
            f"The load balancer of the service {told['service']} is not open yet: try again in a moment. "
            f"`{status}` says whether its proxy runs."
        )
    best = ways[0]
    if not best["open"]:
        raise Trouble(f"The service {told['service']} cannot be reached here: {best['trouble']}")
    typer.echo(best["url"])
    if best["trouble"]:
        typer.echo(best["trouble"], err=True)
    if best["host"]:
        typer.echo(f"It expects the host {best['host']}: curl -H 'Host: {best['host']}' {best['url']}", err=True)
