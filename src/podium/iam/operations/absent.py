"""What no user here has: passwords, second factors, certificates, SSH keys, other sign-in providers.

Nothing makes them, so that their lists are empty and none of them can be found. Tools that clean up after a user
ask for all of it.
"""

from typing import Any

from podium.iam import names
from podium.iam.errors import NoSuchEntity
from podium.iam.service import iam
from podium.kernel.call import Call
from podium.store.session import Transaction

Request = dict[str, Any]
OF_A_USER = {
    "list_mfa_devices": "MFADevices",
    "list_service_specific_credentials": "ServiceSpecificCredentials",
    "list_signing_certificates": "Certificates",
    "list_ssh_public_keys": "SSHPublicKeys",
}
OF_THE_ACCOUNT = {
    "list_open_id_connect_providers": "OpenIDConnectProviderList",
    "list_saml_providers": "SAMLProviderList",
    "list_server_certificates": "ServerCertificateMetadataList",
    "list_virtual_mfa_devices": "VirtualMFADevices",
}
_UNPAGED = ("list_open_id_connect_providers", "list_saml_providers")  # their answers have no IsTruncated


def _empty(operation: str, member: str) -> None:
    def listed(call: Call, tx: Transaction, request: Request) -> Request:
        if "UserName" in request:
            names.user(call, tx, request["UserName"])
        return {member: []} if operation in _UNPAGED else {member: [], "IsTruncated": False}

    listed.__name__ = operation
    iam.operation(reads=True)(listed)


for _operation, _member in (*OF_A_USER.items(), *OF_THE_ACCOUNT.items()):
    _empty(_operation, _member)


@iam.operation(reads=True)
def get_login_profile(call: Call, tx: Transaction, request: Request) -> Request:
    raise _no_password(call, request)


@iam.operation
def delete_login_profile(call: Call, tx: Transaction, request: Request) -> Request:
    raise _no_password(call, request)


def _no_password(call: Call, request: Request) -> NoSuchEntity:
    name = request.get("UserName") or call.principal_arn.rpartition("/")[2]
    return NoSuchEntity(f"Login Profile for User {name} cannot be found.")


@iam.operation(reads=True)
def get_account_password_policy(call: Call, tx: Transaction, request: Request) -> Request:
    raise NoSuchEntity(f"The Password Policy with domain name {call.account} cannot be found.")
