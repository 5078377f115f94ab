"""Environment files, on their way into Docker's body."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_agent import environment_files, execution_role
from podium_agent.api import ApiError
from podium_agent.environment_files import FileError, variables
from podium_agent.execution_role import ExecutionRole
from podium_agent.role_credentials import RoleCredentials
from podium_protocol import Message, acs

TASK: Any = {"arn": "arn:task", "executionRoleCredentials": {"credentialsId": "id"}}


class Bucket:
    """Holds texts by their paths. What is not there is refused."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = {f"/bucket/{name}.env": data for name, data in objects.items()}
        self.asked: list[str] = []

    def signed_by(self, signer: Any) -> "Bucket":
        assert (signer.credentials.access_key_id, signer.service) == ("ASIA", "s3")
        return self

    async def fetch(self, target: str) -> bytes:
        self.asked.append(target)
        if target not in self.objects:
            raise ApiError("NoSuchKey", "The specified key does not exist.", 404)
        return self.objects[target]


def filled(bucket: Bucket, *names: str, env: tuple[str, ...] = ()) -> list[str]:
    roles = RoleCredentials()
    credentials = {"credentialsId": "id", "accessKeyId": "ASIA", "secretAccessKey": "s"}
    roles.take(Message(type=acs.CREDENTIALS, body={"taskArn": TASK["arn"], "roleCredentials": credentials}))
    role = ExecutionRole(bucket, roles, "us-east-1")  # type: ignore[arg-type]
    files = [{"type": "s3", "value": f"arn:aws:s3:::bucket/{name}.env"} for name in names]
    return list(asyncio.run(environment_files.into(role, TASK, files, {"Env": list(env)}))["Env"])


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution_role, "_FIRST_DELAY_SECONDS", 0.001)


def test_a_line_is_a_variable_whose_value_is_taken_as_it_stands():
    text = '# no\nA=1\n\nB="two words" # kept\nC=a=b\nnothing\n=none\nD=\n E=5\nA=6\n'
    assert variables(text) == {"A": "6", "B": '"two words" # kept', "C": "a=b", "D": "", " E": "5"}


def test_what_the_definition_says_wins_and_earlier_files_over_later_ones():
    bucket = Bucket(one=b"A=1\nB=1\n", two=b"B=2\nC=2\n")
    assert filled(bucket, "one", "two", env=("A=0", "PATH=/bin")) == ["A=0", "PATH=/bin", "B=1", "C=2"]
    assert bucket.asked == ["/bucket/one.env", "/bucket/two.env"]


def test_a_name_with_a_space_is_asked_for_as_urls_have_it():
    bucket = Bucket(**{"a%20b": b"A=1"})
    assert filled(bucket, "a b") == ["A=1"]


def test_what_is_not_there_or_no_text_is_told_in_fargate_s_words():
    with pytest.raises(FileError) as caught:
        filled(Bucket(), "gone")
    assert str(caught.value) == (
        "ResourceInitializationError: failed to download env files: file download command: non empty error stream: "
        "NoSuchKey: The specified key does not exist."
    )
    with pytest.raises(FileError, match=r"arn:aws:s3:::bucket/one\.env is not UTF-8\."):
        filled(Bucket(one=b"\xff\xfe"), "one")


@given(
    st.dictionaries(
        st.text(st.characters(codec="ascii", categories=["L"]), min_size=1),
        st.text(st.characters(exclude_categories=["C", "Z"])),
    )
)
def test_what_is_written_a_line_each_is_read_again(held):
    assert variables("".join(f"{name}={value}\n" for name, value in held.items())) == held
