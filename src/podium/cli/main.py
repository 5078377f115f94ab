"""`podium`, with one module for each command."""

import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated, Any, NoReturn

import typer

from podium import __version__
from podium.launch.errors import Trouble

TRACEBACK_VARIABLE = "PODIUM_TRACEBACK"
PASSES_ON = {"allow_extra_args": True, "ignore_unknown_options": True}

# In the order of the help page, each with its context settings; the module and its function have the command's name,
# with _ for -.
COMMANDS: dict[str, dict[str, Any]] = {
    "up": {},
    "down": {},
    "status": {},
    "explain": {},
    "open": {},
    "logs": {},
    "exec": {},
    "port-forward": {},
    "doctor": {},
    "aws": PASSES_ON | {"allow_interspersed_args": False, "help_option_names": []},
    "env": {},
    "audit": {},
    "events": {},
    "revoke": {},
    "release": {},
    "interrupt": {},
    "reset": {},
    "backup": {},
    "restore": {},
    "server": PASSES_ON,
    "agent": PASSES_ON,
}
GROUPS = ("debug",)


def application(names: Iterable[str]) -> typer.Typer:
    """The command line with these commands. Importing only the one that is asked for saves a tenth of a second."""
    app = typer.Typer(
        name="podium",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
        epilog="Start with `podium up`, then try `podium aws ecs list-clusters` in another terminal.",
        callback=podium,
    )
    for name in names:
        written = name.replace("-", "_")
        module = import_module(f"podium.cli.{written}")
        if name in GROUPS:
            app.add_typer(module.app, name=name)
        else:
            app.command(name, context_settings=COMMANDS[name])(getattr(module, written))
    return app


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"podium {__version__}")
        raise typer.Exit


def podium(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Amazon ECS on machines of your own: unmodified AWS clients, real containers."""


def run() -> NoReturn:
    """Every failure becomes a sentence on stderr and a non-zero exit code."""
    everything = (*COMMANDS, *GROUPS)
    asked = sys.argv[1:2]
    try:
        application(asked if asked and asked[0] in everything else everything)(prog_name="podium")
    except Trouble as trouble:
        _fail(str(trouble))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except Exception as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        _fail(
            f"This is a bug in Podium: {type(error).__name__}: {error}. "
            f"Please report it with the file that `podium debug bundle` makes; {TRACEBACK_VARIABLE}=1 shows where."
        )
    sys.exit(0)


def _fail(sentence: str) -> NoReturn:
    sys.stdout.flush()
    typer.echo(f"podium: {sentence}", err=True)
    sys.exit(1)
