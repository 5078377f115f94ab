"""What a task is answered when it asks for the credentials of its role.

Source: the open-source agent's handlers of /v1/credentials and /v2/credentials.
"""

from podium_agent.net.server import Answer
from podium_protocol.payload import IAMRoleCredentials

OF_NOBODY = {"AccessKeyId": "LOGDRIVER", "SecretAccessKey": "nobody", "Token": ""}
"""A key that opens nothing, for a program that does not speak without one."""


def found(given: IAMRoleCredentials) -> Answer:
    return Answer(
        body={
            "RoleArn": given.get("roleArn", ""),
            "AccessKeyId": given["accessKeyId"],
            "SecretAccessKey": given["secretAccessKey"],
            "Token": given.get("sessionToken", ""),
            "Expiration": given.get("expiration", ""),
        }
    )


def no_id(version: int) -> Answer:
    return _error(version, 400, "NoIdInRequest", "No Credential ID in the request")


def unknown(version: int) -> Answer:
    """Also for an id that is another task's: nobody learns which there are."""
    return _error(version, 400, "InvalidIdInRequest", "Credentials not found")


def not_yet(version: int) -> Answer:
    """The agent has started anew and the control plane has not sent them yet."""
    return _error(version, 503, "CredentialsUninitialized", "Credentials uninitialized for ID")


def _error(version: int, status: int, code: str, text: str) -> Answer:
    whole = f"CredentialsV{version}Request: {text}"
    return Answer(status=status, body={"code": code, "message": whole, "HTTPErrorCode": status})
