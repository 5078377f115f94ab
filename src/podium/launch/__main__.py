"""The supervisor's program: `python -m podium.launch SETTINGS DESCRIPTOR`, started by `podium up`.

SETTINGS is JSON. What becomes of the start is written to the open DESCRIPTOR, one JSON object, and then it is closed.
"""

import json
import os
import sys
from typing import Any

from podium.launch import logs
from podium.launch.commands import ROOT_KEY_VARIABLES
from podium.launch.errors import Trouble
from podium.launch.settings import Settings
from podium.launch.supervise import Supervisor
from podium_program.parent import end_with_parent


def main(arguments: list[str]) -> int:
    settings, descriptor = Settings.from_json(arguments[0]), int(arguments[1])
    os.set_inheritable(descriptor, False)
    secrets = {name: os.environ.pop(name) for name in ROOT_KEY_VARIABLES if name in os.environ}
    supervisor = Supervisor(settings, secrets, tell=lambda word: _write_and_close(descriptor, word))
    end_with_parent()
    try:
        supervisor.run()
    except Trouble as trouble:
        logs.say("given-up", reason=str(trouble))
        _write_and_close(descriptor, {"error": str(trouble)})
        return 1
    return 0


def _write_and_close(descriptor: int, word: dict[str, Any]) -> None:
    """Nobody may be listening any more; that is fine."""
    try:
        os.write(descriptor, json.dumps(word).encode())
        os.close(descriptor)
    except OSError:
        logs.say("nobody-to-tell", word=json.dumps(word))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
