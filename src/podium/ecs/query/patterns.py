"""Regular expressions that strangers write, and that are matched on the control plane's one thread."""

import re

from podium.ecs.errors import InvalidParameter

MOST_REPETITIONS = 4
_PIECE = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|.", re.DOTALL)
_REPEATS = ("*", "+", "{")


def compiled(text: str) -> re.Pattern[str]:
    """The pattern, if a short text cannot make it take long.

    AWS reads Java's syntax, which Python shares but for rarities. Repeated groups that hold a choice or a
    repetition, and more than four repetitions, are refused: matching them may never end. Raises InvalidParameter.
    """
    if not _is_quick(text):
        raise InvalidParameter(f"Invalid expression: the regular expression '{text}' is too complex")
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidParameter(f"Invalid expression: '{text}' is not a regular expression") from error


def _is_quick(text: str) -> bool:
    branching, repetitions, closed = [False], 0, False
    for piece in _PIECE.findall(text):
        if piece.startswith(_REPEATS):
            if closed:
                return False
            branching[-1] = True
            repetitions += 1
        closed = False
        if piece == "(":
            branching.append(False)
        elif piece == ")" and len(branching) > 1:
            closed = branching.pop()
            branching[-1] |= closed
        elif piece == "|":
            branching[-1] = True
    return repetitions <= MOST_REPETITIONS and re.search(r"\\[1-9]|\(\?P=", text) is None
