"""Parameters as the API shows them. What is absent is left out; a value is shown where it is asked for."""

from typing import Any

from podium.ssm.records import Parameter, ParameterVersion

View = dict[str, Any]


def parameter(held: Parameter, version: ParameterVersion, value: str, selector: str = "") -> View:
    return _shown(
        Name=held.name,
        Type=version.type,
        Value=value,
        Version=version.number,
        Selector=f":{selector}" if selector else None,
        LastModifiedDate=version.changed_at,
        ARN=held.arn,
        DataType=version.data_type,
    )


def metadata(held: Parameter, version: ParameterVersion) -> View:
    return {"ARN": held.arn, **_settled(held, version)}


def history(held: Parameter, version: ParameterVersion, value: str) -> View:
    return {**_settled(held, version), "Value": value, "Labels": list(version.labels)}


def _settled(held: Parameter, version: ParameterVersion) -> View:
    return _shown(
        Name=held.name,
        Type=version.type,
        KeyId=version.key_id,
        LastModifiedDate=version.changed_at,
        LastModifiedUser=version.changed_by,
        Description=version.description or None,
        AllowedPattern=version.allowed_pattern or None,
        Version=version.number,
        Tier=version.tier,
        Policies=[],
        DataType=version.data_type,
    )


def _shown(**members: Any) -> View:
    return {member: value for member, value in members.items() if value is not None}
