"""Filter patterns: what the user guide says of its examples, what a plain reading says of any, and no surprises."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.logs.errors import Invalid
from podium.logs.patterns import parsed

LINE = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534'
EVENT = json.dumps(
    {
        "eventType": "UpdateTrail",
        "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": None,
        "cluster.name": "c",
        "latency": 50.5,
        "flag": False,
    }
)
EXAMPLES = [
    ("", "anything", True),
    ("  ", "anything", True),
    ("ERROR", "[ERROR 400] BAD REQUEST", True),
    ("ERROR", "[error 400] BAD REQUEST", False),
    ("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", True),
    ("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST", False),
    ("?ERROR ?ARGUMENTS", "UNKNOWN ARGUMENTS", True),
    ("?ERROR ?ARGUMENTS", "fine", False),
    ('"INTERNAL SERVER ERROR"', "[ERROR 500] INTERNAL SERVER ERROR", True),
    ('"INTERNAL SERVER ERROR"', "INTERNAL ERROR OF THE SERVER", False),
    ("ERROR -ARGUMENTS", "[ERROR 400] BAD REQUEST", True),
    ("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", False),
    (r'"say \"a\""', 'I say "a"', True),
    ("%4[0-9]{2}% -%40.%", "code 419", True),
    ("%4[0-9]{2}% -%40.%", "code 404", False),
    ('{ $.eventType = "UpdateTrail" }', EVENT, True),
    ('{ $.eventType = "Update*" && $.latency > 50 }', EVENT, True),
    ('{ $.eventType = "Delete*" || $.latency > 50 && $.latency <= 50.5 }', EVENT, True),
    ("{ $.sourceIPAddress != 123.123.* }", EVENT, True),
    ("{ $.sourceIPAddress = 111.111.* }", EVENT, True),
    ('{ $.arrayKey[0] = "value" }', EVENT, True),
    ('{ $.arrayKey[1] = "value" }', EVENT, False),
    ("{ $.objectList[*].id = 2 }", EVENT, True),
    ("{ $.objectList[*].id = 3 }", EVENT, False),
    ("{ $.['cluster.name'] = c }", EVENT, True),
    ("{ $.SomeObject IS NULL }", EVENT, True),
    ("{ $.SomeOtherObject IS NULL }", EVENT, False),
    ("{ $.SomeOtherObject NOT EXISTS }", EVENT, True),
    ("{ $.SomeObject EXISTS }", EVENT, True),
    ("{ $.flag IS FALSE }", EVENT, True),
    ("{ $.flag IS TRUE }", EVENT, False),
    ("{ $.eventType = %Trail$% }", EVENT, True),
    ("{ ($.latency < 1 || $.flag IS FALSE) && $.eventType = Up* }", EVENT, True),
    ("{ $.latency = 50.50 }", EVENT, True),
    ('{ $.latency = "50.50" }', EVENT, False),
    ('{ $.ghost != "x" }', EVENT, False),
    ("{ $.a = 1 }", "no JSON", False),
    ("{ $.a = 1 }", "[1]", False),
    ("{ $.a = 1 }", '{"a": true}', False),
    ("[ip, server, username, timestamp, request = *html*, status_code = 4*, bytes]", LINE, True),
    ("[ip, server, username, timestamp, request, status_code = 5*, bytes]", LINE, False),
    ("[..., status_code = 404 || status_code = 410, bytes > 1000]", LINE, True),
    ("[ip = 127.*, ...]", LINE, True),
    ("[ip, ..., size]", "one", False),
    ("[ip, , size]", "one two three", True),
    ("[ip, user]", LINE, False),
    ("[w1 != ERROR && w1 != WARNING, ...]", "INFO fine", True),
    ("[w1 = %^(?)%, w2]", "x y", None),
    ("foo-bar", "foo-bar", None),
    ('"open', "open", None),
    ("{ $.a = 1", "{}", None),
    ("{ $.a }", "{}", None),
    ("{ a = 1 }", "{}", None),
    ("{ $.a IS MAYBE }", "{}", None),
    ("{ $.a < x }", "{}", None),
    ("{ $.a = 1 } x", "{}", None),
    ("[..., a, ...]", "x", None),
    ("[a = 1 && b = 2]", "x", None),
    ("[a", "x", None),
    ("%(a)%", "a", None),
    ("%a% %b% %c%", "abc", None),
]
words = st.sampled_from(["a", "b", "ab", "ba", "c"])
anything = st.text(alphabet='ab01 .,*?-%"\\$[]{}()=<>!&|\n', max_size=40)
values = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["a", "ab", "1", ""])
held = st.dictionaries(st.sampled_from("xyz"), values)
conditions = st.tuples(st.sampled_from("xyz"), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), st.integers(-9, 9))
PYTHON = {"=": "==", "!=": "!="}


@pytest.mark.parametrize(("pattern", "message", "expected"), EXAMPLES)
def test_a_pattern_means_what_the_guide_says(pattern: str, message: str, expected: bool | None) -> None:
    """None: the pattern is refused."""
    try:
        found = parsed(pattern).matches(message)
    except Invalid:
        found = None
    assert found is expected


@given(st.lists(words, min_size=1, max_size=3), st.lists(words, max_size=2), st.text("abc ", max_size=12))
def test_terms_are_all_there_and_the_unwanted_are_not(needed: list[str], unwanted: list[str], message: str) -> None:
    pattern = " ".join([*needed, *(f"-{word}" for word in unwanted)])
    expected = all(word in message for word in needed) and not any(word in message for word in unwanted)
    assert parsed(pattern).matches(message) is expected


@given(st.lists(st.lists(conditions, min_size=1, max_size=3), min_size=1, max_size=3), held)
def test_conditions_hold_as_python_would_say(either: list[list[tuple[str, str, int]]], event: dict[str, Any]) -> None:
    def holds(name: str, operator: str, wanted: int) -> bool:
        value = event.get(name)
        if value is None or isinstance(value, bool):
            return False
        if isinstance(value, str) and not value.isdigit():
            return operator == "!="
        return bool(eval(f"{int(value)} {PYTHON.get(operator, operator)} {wanted}"))

    text = " || ".join(
        " && ".join(f"$.{name} {operator} {wanted}" for name, operator, wanted in all_) for all_ in either
    )
    expected = any(all(holds(*condition) for condition in all_) for all_ in either)
    assert parsed(f"{{ {text} }}").matches(json.dumps(event)) is expected


@given(
    st.sampled_from(["{}", "{{{}}}", "{{ $.{} }}", "[{}]", "%{}%", '"{}"', "{{ $.a = {} }}", "[a = {}]"]),
    anything,
    anything,
)
def test_whatever_is_given_is_a_pattern_or_refused(shape: str, inner: str, message: str) -> None:
    try:
        pattern = parsed(shape.format(inner))
    except Invalid:
        return
    for told in (message, f'{{"a": {json.dumps(message)}}}', '{"a": 1e999, "b": 9' + "9" * 400 + "}"):
        pattern.matches(told)
        pattern.extracted(told)


@pytest.mark.parametrize(
    "pattern",
    [
        "{" + "(" * 1000 + "}",
        "{ $" + ".a" * 500 + " = 1}",
        "[" + "a," * 500 + "...]",
        "%" + "a*" * 500 + "b%",
        '{ $.a = "' + "*a" * 500 + 'b" }',
        "[a, b = c, ...]",
    ],
)
def test_hostile_patterns_and_messages_take_no_time(pattern: str) -> None:
    began = time.process_time()
    try:
        matcher = parsed(pattern)
    except Invalid:
        return
    for message in ("a" * 200_000, '[ " ' * 50_000, '{"a":"' + "a" * 200_000 + '"}', '{"a":' * 50_000):
        matcher.matches(message)
    assert time.process_time() - began < 5
