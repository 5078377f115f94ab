"""Parameters by name and ARN, with what says which version is meant: `web:3`, `web:live`.

A parameter of another account or region is not there.
"""

from podium.kernel.call import Call
from podium.ssm.errors import ParameterNotFound, VersionNotFound
from podium.ssm.records import Parameter, ParameterVersion
from podium.store.session import Transaction

SERVICE = "ssm"


def arn(call: Call, name: str) -> str:
    """Of a name alone."""
    return call.arn(SERVICE, f"parameter/{name.removeprefix('/')}")


def asked(call: Call, given: str) -> tuple[str, str]:
    """The ARN of what is asked for, and which version of it: a number, a label, or nothing."""
    if not given.startswith("arn:"):
        name, _, selector = given.partition(":")
        return arn(call, name), selector
    *before, resource = given.split(":", 5)
    named, _, selector = resource.partition(":")
    return ":".join((*before, named)), selector


def version_arn(parameter_arn: str, number: int) -> str:
    return f"{parameter_arn}:{number}"


def find(call: Call, tx: Transaction, given: str) -> Parameter | None:
    """The parameter, whichever version is asked for."""
    found = tx.get(Parameter, asked(call, given)[0])
    return found if found is not None and found.home == call.home else None


def parameter(call: Call, tx: Transaction, given: str) -> Parameter:
    """Raises ParameterNotFound."""
    found = find(call, tx, given)
    if found is None:
        raise ParameterNotFound(given)
    return found


def newest(tx: Transaction, held: Parameter) -> ParameterVersion:
    found = tx.get(ParameterVersion, version_arn(held.arn, held.latest))
    assert found is not None, "the newest version is never deleted before its parameter"
    return found


def versions(tx: Transaction, held: Parameter) -> list[ParameterVersion]:
    """The oldest first."""
    return sorted(tx.list(ParameterVersion, parameter_arn=held.arn), key=lambda version: version.number)


def version(call: Call, tx: Transaction, given: str) -> tuple[Parameter, ParameterVersion]:
    """The version that is asked for, the newest if none is. Raises ParameterNotFound, VersionNotFound."""
    held, selector = parameter(call, tx, given), asked(call, given)[1]
    return held, selected(tx, held, selector) if selector else newest(tx, held)


def selected(tx: Transaction, held: Parameter, selector: str) -> ParameterVersion:
    """By number or label. Raises VersionNotFound."""
    for each in versions(tx, held):
        if selector == str(each.number) or selector in each.labels:
            return each
    raise VersionNotFound(selector, held.name)
