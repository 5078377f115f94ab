"""Whether a value is what an AllowedPattern allows.

A regular expression can be written so that matching it never ends, and so it is matched in a process of its own, which
is given a moment and then ended. The value goes there through a pipe.
"""

import json
import re
import subprocess
import sys

from podium.ssm.errors import InvalidPattern, PatternMismatch, SlowPattern

LONGEST_SECONDS, NO_MATCH = 2, 3
_MATCHER = f"import json, re, sys; p, v = json.load(sys.stdin); sys.exit(0 if re.fullmatch(p, v) else {NO_MATCH})"


def check(pattern: str, value: str) -> None:
    """Raises InvalidPattern, PatternMismatch, SlowPattern."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise InvalidPattern from error
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _MATCHER],
            input=json.dumps([pattern, value]).encode(),
            timeout=LONGEST_SECONDS,
            capture_output=True,
        )
    except subprocess.TimeoutExpired:
        raise SlowPattern from None
    if done.returncode == NO_MATCH:
        raise PatternMismatch(pattern)
    assert done.returncode == 0, "the matcher failed"
