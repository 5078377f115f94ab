"""What a request asks for and there is not, or does not ask for and must."""

from collections.abc import Mapping
from typing import Any

from podium.ec2.errors import Invalid, Missing, Unsupported

Request = Mapping[str, Any]
IPV6 = "IPv6"


def refuse(request: Request, *members: str, what: str = "") -> None:
    """Raises UnsupportedOperation when any of `members` asks for something; false and empty ask for nothing."""
    for member in members:
        value = request.get(member)
        if isinstance(value, Mapping):
            value = value.get("Value", value)
        if value:
            raise Unsupported(f"{member} is not supported: Podium's networks have no {what}.")


def required(request: Request, member: str) -> Any:
    value = request.get(member)
    if value is None or value == "":
        raise Missing(f"The request must contain the parameter {member[0].lower()}{member[1:]}")
    return value


def one_of(request: Request, member: str, allowed: tuple[str, ...], usual: str) -> str:
    value = request.get(member) or usual
    if value not in allowed:
        raise Invalid(f"Value ({value}) for parameter {member[0].lower()}{member[1:]} is invalid.")
    return str(value)
