"""Which parameters a list is to hold.

Source: Systems Manager API Reference, ParameterStringFilter, ParametersFilter.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from podium.ssm import rules
from podium.ssm.errors import InvalidFilterKey, InvalidFilterOption, InvalidFilterValue
from podium.ssm.records import Parameter, ParameterVersion

Given = Mapping[str, Any]
Test = Callable[[Parameter, ParameterVersion], bool]
DESCRIBING = ("Path", "Name", "Tier", "Type", "KeyId", "DataType", "tag")
BY_PATH = ("Type", "KeyId", "Label")
_OPTIONS = {
    "Path": ("Recursive", "OneLevel"),
    "Name": ("Equals", "BeginsWith", "Contains"),
    "KeyId": ("Equals", "BeginsWith"),
    "DataType": ("Equals", "BeginsWith"),
}
_HELD: dict[str, Callable[[Parameter, ParameterVersion], str]] = {
    "Name": lambda held, version: held.name,
    "Type": lambda held, version: version.type,
    "KeyId": lambda held, version: version.key_id or "",
    "Tier": lambda held, version: version.tier,
    "DataType": lambda held, version: version.data_type,
}


def tests(given: Sequence[Given], keys: Sequence[str]) -> list[Test]:
    """One for each filter; a parameter must pass them all.

    Raises InvalidFilterKey, InvalidFilterOption, InvalidFilterValue. A filter by `Label` says which version is meant,
    and passes every parameter.
    """
    return [_test(each, keys) for each in given]


def older(given: Sequence[Given]) -> list[Test]:
    """Of DescribeParameters' older `Filters`: a name, type or key that begins with one of the values."""
    return [_text_test(each["Key"], "BeginsWith", each["Values"]) for each in given]


def label(given: Sequence[Given]) -> str | None:
    """The label that a filter asks for. Raises InvalidFilterValue for more than one."""
    asked = [value for each in given if each["Key"] == "Label" for value in each.get("Values") or ()]
    if len(asked) > 1:
        raise InvalidFilterValue("A filter by Label takes one value.")
    return asked[0] if asked else None


def below(path: str, name: str, *, recursive: bool) -> bool:
    """Whether the name is in the hierarchy under `path`, which ends with a slash: one level deep, or any."""
    whole = name if name.startswith("/") else f"/{name}"
    return whole.startswith(path) and (recursive or "/" not in whole.removeprefix(path))


def _test(given: Given, keys: Sequence[str]) -> Test:
    key = "tag" if given["Key"].startswith("tag:") else given["Key"]
    if key not in keys:
        raise InvalidFilterKey(given["Key"], ", ".join(keys))
    options = _OPTIONS.get(key, ("Equals",))
    option = given.get("Option") or ("OneLevel" if key == "Path" else "Equals")
    if option not in options:
        raise InvalidFilterOption(option, ", ".join(options))
    values = given.get("Values") or ()
    if key == "tag":
        return _tag_test(given["Key"].removeprefix("tag:"), values)
    if not values:
        raise InvalidFilterValue(f"The following filter values are missing for filter key {key}.")
    if key == "Path":
        return _path_test([rules.path(value) for value in values], option == "Recursive")
    return _text_test(key, option, values) if key != "Label" else lambda held, version: True


def _tag_test(tag: str, values: Sequence[str]) -> Test:
    return lambda held, version: tag in held.tags and (not values or held.tags[tag] in values)


def _path_test(paths: Sequence[str], recursive: bool) -> Test:
    return lambda held, version: any(below(path, held.name, recursive=recursive) for path in paths)


def _text_test(key: str, option: str, values: Sequence[str]) -> Test:
    text = _HELD[key]
    if option == "BeginsWith":
        return lambda held, version: text(held, version).startswith(tuple(values))
    if option == "Contains":
        return lambda held, version: any(value in text(held, version) for value in values)
    return lambda held, version: text(held, version) in values
