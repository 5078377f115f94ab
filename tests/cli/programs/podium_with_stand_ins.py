"""The command line, with stand-ins for the server and the agents."""

from launch.podium_for_tests import STAND_INS
from podium.cli import options

options.PROGRAMS = STAND_INS

from podium.cli.main import run  # noqa: E402

run()
