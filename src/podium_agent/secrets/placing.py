"""Where fetched values go: into the container's environment or its files, and into its log driver's options. Pure."""

from collections.abc import Mapping
from typing import Any

from podium_agent.engine.instructions import SecretFiles
from podium_agent.engine.secret_files import is_of_container, variables
from podium_agent.secrets.values import FAILED, SecretError, Values


def into(body: Mapping[str, Any], values: Values, files: SecretFiles | None = None) -> dict[str, Any]:
    """Docker's `body` with every secret where it belongs. Raises SecretError.

    With `files` it says where those of the container are, unless the task has a variable of that name already.
    """
    more = _paths(body, values, files) if files else contents(values)
    filled = {**body, "Env": [*body.get("Env", ()), *(f"{name}={_plain(name, v)}" for name, v in more.items())]}
    of_driver = {s["name"]: _plain(s["name"], value) for s, value in values if not is_of_container(s)}
    if of_driver:
        host = body["HostConfig"]
        log = host.get("LogConfig") or {}
        config = {**(log.get("Config") or {}), **of_driver}
        filled["HostConfig"] = {**host, "LogConfig": {**log, "Config": config}}
    return filled


def contents(values: Values) -> dict[str, str]:
    """The container's own, by their names."""
    return {secret["name"]: value for secret, value in values if is_of_container(secret)}


def _paths(body: Mapping[str, Any], values: Values, files: SecretFiles) -> dict[str, str]:
    given = {pair.partition("=")[0] for pair in body.get("Env", ())}
    return {name: path for name, path in variables(files, contents(values)).items() if name not in given}


def _plain(name: str, value: str) -> str:
    """The container's runtime would refuse any other, and say it."""
    if "\0" in value:
        raise SecretError(f"{FAILED}the value of {name} has a NUL character, which no variable can hold")
    return value
