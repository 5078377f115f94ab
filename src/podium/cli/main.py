"""`podium`, with one module for each command."""

import os
import sys
import traceback
from typing import Annotated, NoReturn

import typer

from podium import __version__
from podium.cli import agent, aws, backup, debug, doctor, down, env, logs, restore, server, status, up
from podium.launch.errors import Trouble

TRACEBACK_VARIABLE = "PODIUM_TRACEBACK"

app = typer.Typer(
    name="podium",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Amazon ECS on machines of your own: unmodified AWS clients, real containers.",
    epilog="Start with `podium up`, then try `podium aws ecs list-clusters` in another terminal.",
)

PASSES_ON = {"allow_extra_args": True, "ignore_unknown_options": True}

for command in (up.up, down.down, status.status, logs.logs, doctor.doctor, env.env, backup.backup, restore.restore):
    app.command()(command)
app.command(context_settings={**PASSES_ON, "allow_interspersed_args": False, "help_option_names": []})(aws.aws)
app.command(context_settings=PASSES_ON)(server.server)
app.command(context_settings=PASSES_ON)(agent.agent)
app.add_typer(debug.app, name="debug")


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"podium {__version__}")
        raise typer.Exit


@app.callback()
def podium(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Amazon ECS on machines of your own: unmodified AWS clients, real containers."""


def run() -> NoReturn:
    """Every failure becomes a sentence on stderr and a non-zero exit code."""
    try:
        app(prog_name="podium")
    except Trouble as trouble:
        _fail(str(trouble))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            traceback.print_exc()
        _fail(
            f"This is a bug in Podium: {type(error).__name__}: {error}. "
            f"Please report it with the file that `podium debug bundle` makes; {TRACEBACK_VARIABLE}=1 shows where."
        )
    sys.exit(0)


def _fail(sentence: str) -> NoReturn:
    sys.stdout.flush()
    typer.echo(f"podium: {sentence}", err=True)
    sys.exit(1)
