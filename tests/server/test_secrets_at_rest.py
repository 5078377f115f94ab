"""No value that was handed over in confidence lies in the data dir, in a log, or in an answer to another question."""

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from inprocess import refused
from server.server_process import Server, running

CANARY = b"a-canary-that-sings-9f8e7d6c5b4a"
WITNESS = "a-name-that-may-be-known"


def songs() -> Iterator[bytes]:
    """The canary as it is, in hexadecimal, and in base64 wherever in a longer text it might begin."""
    yield CANARY
    yield CANARY.hex().encode()
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + CANARY).rstrip(b"=")
        yield coded[4 if before else 0 : -2]


def heard(data: bytes) -> bool:
    return any(song in data for song in songs())


def test_no_value_is_at_rest_in_plain_in_a_log_or_in_an_answer_that_did_not_ask(tmp_path: Path) -> None:
    log = tmp_path / "said.log"
    with running(tmp_path / "data", log=log) as server:
        told = json.dumps([plant(server), without_asking(server)], default=str).encode()
        assert not heard(told)
        places = [log, *(path for path in (tmp_path / "data").rglob("*") if path.is_file())]
        found = {path.name: path.read_bytes() for path in places}
    assert any(WITNESS.encode() in data for data in found.values()), "the search found nothing, and so proves nothing"
    assert {"podium.db", "podium.db-wal", "said.log"} <= found.keys()
    assert [name for name, data in found.items() if heard(data)] == []


def test_a_server_that_lost_its_keyring_says_so_when_it_starts_and_when_it_is_asked(tmp_path: Path) -> None:
    log = tmp_path / "said.log"
    with running(tmp_path / "data") as server:
        server.client("ssm").put_parameter(Name="a", Value=CANARY.decode(), Type="SecureString")
    (tmp_path / "data" / "keyring.json").unlink()
    with running(tmp_path / "data", log=log) as server, refused("InvalidKeyId") as answer:
        server.client("ssm").get_parameter(Name="a", WithDecryption=True)
    assert "Restore keyring.json of the data dir from a backup" in answer["Error"]["Message"]
    assert "the keyring does not open keys=1 first=arn:aws:kms:us-east-1:" in log.read_text()


def plant(server: Server) -> list[Any]:
    """Through every door that takes a value, in requests that are answered and in those that are refused."""
    ssm, secrets, kms = (server.client(name) for name in ("ssm", "secretsmanager", "kms"))
    value = CANARY.decode()
    key = kms.create_key(Description=WITNESS)["KeyMetadata"]["KeyId"]
    named = {"Name": WITNESS, "Value": value, "Overwrite": True}
    doors: list[Callable[[], Any]] = [
        lambda: [ssm.put_parameter(**{**named, "Name": f"{WITNESS}-{kind}"}, Type=kind) for kind in KINDS],
        lambda: ssm.put_parameter(**named, Type="SecureString", KeyId=key),
        lambda: ssm.put_parameter(**named, Type="String"),
        lambda: ssm.put_parameter(**{**named, "Name": "new"}, Type="String", AllowedPattern="[0-9]"),
        lambda: ssm.put_parameter(**{**named, "Value": value * 300}, Type="SecureString"),
        lambda: secrets.create_secret(Name=WITNESS, SecretString=value),
        lambda: secrets.put_secret_value(SecretId=WITNESS, SecretBinary=CANARY),
        lambda: secrets.update_secret(SecretId=WITNESS, SecretString=json.dumps({"password": value}), KmsKeyId=key),
        lambda: secrets.create_secret(Name="a b", SecretString=value),
        lambda: secrets.create_secret(Name="new", SecretString=value, ClientRequestToken="x" * 65),
        lambda: secrets.put_secret_value(SecretId="ghost", SecretString=value),
        lambda: kms.encrypt(KeyId=key, Plaintext=CANARY),
        lambda: kms.encrypt(KeyId="ghost", Plaintext=CANARY),
    ]
    return [_answer(door) for door in doors]


KINDS = ("String", "StringList", "SecureString")


def without_asking(server: Server) -> list[Any]:
    ssm, secrets = server.client("ssm"), server.client("secretsmanager")
    return [
        ssm.describe_parameters(),
        ssm.get_parameters(Names=[f"{WITNESS}-SecureString", WITNESS]),
        ssm.get_parameter_history(Name=WITNESS),
        secrets.list_secrets(),
        secrets.describe_secret(SecretId=WITNESS),
        secrets.list_secret_version_ids(SecretId=WITNESS, IncludeDeprecated=True),
    ]


def _answer(door: Callable[[], Any]) -> Any:
    try:
        return door()
    except ClientError as error:
        return error.response
