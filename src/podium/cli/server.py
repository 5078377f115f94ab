"""podium server"""

import os
from typing import Annotated

import typer

from podium.cli.options import DEFAULT_DATA_DIR, PROGRAMS, DataDirOption, data_dir
from podium.launch import identity
from podium.launch.commands import PYTHON
from podium.launch.in_docker import box
from podium.launch.settings import DEFAULT_ACCOUNT, DEFAULT_PORT, DEFAULT_REGION

_AS_LAST_TIME = "Default: as last time, at first"
Database = Annotated[
    str, typer.Option(envvar="PODIUM_DATABASE", help="postgresql://… instead of SQLite in the data dir.")
]


def server(
    context: typer.Context,
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the API.")] = DEFAULT_PORT,
    timing: Annotated[str, typer.Option(help="`aws`: as long as AWS waits. `fast`: no waits out of caution.")] = "aws",
    account_id: Annotated[
        str | None, typer.Option(help=f"Account id in ARNs. {_AS_LAST_TIME} {DEFAULT_ACCOUNT}.")
    ] = None,
    region: Annotated[str | None, typer.Option(help=f"Default region. {_AS_LAST_TIME} {DEFAULT_REGION}.")] = None,
    database: Database = "",
    tls_cert: Annotated[str, typer.Option(help="Certificate chain, PEM: speak HTTPS.")] = "",
    tls_key: Annotated[str, typer.Option(help="Its private key, PEM.")] = "",
    insecure: Annotated[bool, typer.Option("--insecure", help="Allow plain HTTP on a wider address.")] = False,
) -> None:
    """Run the control plane alone: the API and the agents' channel, in the foreground.

    Container instances join with `podium agent`. SIGTERM ends it; the tasks run on. Access keys are in
    `credentials.json` of the data dir.
    """
    paths = data_dir(data_dir_)
    box.refuse(paths, "Name another folder with --data-dir.")
    paths.prepare()
    settled = identity.settled(paths, account_id, region)
    identity.keep(paths, settled)
    options = {
        "--data-dir": str(paths.root),
        "--host": host,
        "--port": str(port),
        "--timing": timing,
        "--account-id": settled.account_id,
        "--region": settled.region,
        "--database": database,
        "--tls-cert": tls_cert,
        "--tls-key": tls_key,
    }
    given = [word for name, value in options.items() if value for word in (name, value)]
    command = [*PYTHON, *PROGRAMS.server, *given, *(["--insecure"] if insecure else []), *context.args]
    os.execv(command[0], command)
