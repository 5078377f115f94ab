"""podium agent"""

import os
from pathlib import Path
from typing import Annotated

import typer

from podium.cli.options import DEFAULT_DATA_DIR, PROGRAMS, DataDirOption, DockerHostOption, data_dir
from podium.launch import engine, machine, running
from podium.launch.commands import PYTHON
from podium.launch.in_docker import box
from podium.launch.settings import DEFAULT_REGION, EVERY_CLUSTER

Endpoint = Annotated[str, typer.Option(help="Url of the control plane. Default: the one running on the data dir.")]
Credentials = Annotated[
    Path | None, typer.Option("--credentials-file", help="Access keys. Default: credentials.json of the data dir.")
]


def agent(
    context: typer.Context,
    data_dir_: DataDirOption = DEFAULT_DATA_DIR,
    endpoint: Endpoint = "",
    cluster: Annotated[str, typer.Option(help="Cluster to join; `*` for every cluster.")] = EVERY_CLUSTER,
    number: Annotated[int, typer.Option(min=1, help="Tells several agents of one data dir apart.")] = 1,
    credentials_file: Credentials = None,
    profile: Annotated[str, typer.Option(help="Which of the keys in the file.")] = "agent",
    region: Annotated[str, typer.Option(help="Region of the control plane.")] = DEFAULT_REGION,
    zone: Annotated[str, typer.Option(help="Availability zone. Default: zone a of the region.")] = "",
    cpu: Annotated[int | None, typer.Option(min=1, help="CPU units to promise. Default: the machine's.")] = None,
    memory: Annotated[int | None, typer.Option(min=1, help="MiB to promise. Default: the machine's.")] = None,
    docker_host: DockerHostOption = None,
) -> None:
    """Run one agent in the foreground: joins this machine's Docker Engine to a control plane.

    SIGTERM ends it and never stops a container; started again, it takes over what it left. Further options go to the
    agent as they are: see `python -m podium_agent --help`.
    """
    paths = data_dir(data_dir_)
    box.refuse(paths, "Name another folder with --data-dir.")
    options = {
        "--endpoint": endpoint or running.need(paths).url,
        "--cluster": cluster,
        "--data-dir": str(paths.agent(number)),
        "--credentials-file": str(credentials_file or paths.credentials),
        "--profile": profile,
        "--region": region,
        "--zone": zone or f"{region}a",
        "--cpu": str(cpu or machine.cpu_units()),
        "--memory": str(memory or machine.memory_mib()),
        "--docker-host": docker_host or engine.default_host(os.environ),
    }
    paths.prepare()
    command = [*PYTHON, *PROGRAMS.agent, *(word for pair in options.items() for word in pair), *context.args]
    os.execv(command[0], command)
