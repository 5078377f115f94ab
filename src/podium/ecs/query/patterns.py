"""Regular expressions that strangers write, and that are matched on the control plane's one thread.

AWS reads Java's syntax. RE2 knows nearly all of it and matches in linear time; what looks ahead or behind is left to
Python, which shares Java's syntax but for rarities and may never come to an end, and so is bounded.
"""

import re
from collections.abc import Callable

from podium.ecs.errors import InvalidParameter
from podium.kernel.regexes import NotARegex, Regex

MOST_REPETITIONS, MOST_CHOICES = 2, 8
_PIECE = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\{\d*,?\d*\}|\(\?[=!:]|\(\?<[=!]|.", re.DOTALL)
_REPEATS = ("*", "+", "{")


def compiled(text: str) -> Callable[[str], bool]:
    """Whether the whole of a value is as the pattern says. Raises InvalidParameter for none, or for too complex a one.

    Of those that RE2 does not know, repeated groups that hold a choice or a repetition are refused, more than two
    repetitions, more than eight ways through its choices, and references to groups.
    """
    try:
        return Regex(text).is_all_of
    except NotARegex:
        pass
    try:
        bounded = re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise InvalidParameter(f"Invalid expression: '{text}' is not a regular expression") from error
    if not _is_quick(text):
        raise InvalidParameter(f"Invalid expression: the regular expression '{text}' is too complex")
    return lambda value: bounded.fullmatch(value) is not None


def _is_quick(text: str) -> bool:
    branching, repetitions, choices, closed = [False], 0, 1, False
    for piece in _PIECE.findall(text):
        if piece.startswith(_REPEATS):
            if closed:
                return False
            branching[-1] = True
            repetitions += 1
        closed = False
        if piece.startswith("("):
            branching.append(False)
        elif piece == ")" and len(branching) > 1:
            closed = branching.pop()
            branching[-1] |= closed
        elif piece in ("|", "?"):  # two ways at each of them: they multiply
            branching[-1] = True
            choices *= 2
    return (
        repetitions <= MOST_REPETITIONS
        and choices <= MOST_CHOICES
        and re.search(r"\\[1-9]|\(\?P=|\(\?\(", text) is None
    )
