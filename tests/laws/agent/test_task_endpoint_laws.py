"""Whatever a container sends: it is read in one way or refused, and no secret is left where it does not belong."""

import json
import posixpath
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from podium_agent.endpoint.relay import request_head
from podium_agent.net.server import BadRequest, parse_head
from podium_agent.role_credentials import RoleCredentials
from podium_protocol import Message, acs

tokens = st.sampled_from(["GET", "POST", "Host", "Content-Length", "Transfer-Encoding", "chunked", "0", "5", "x", " "])
marks = st.sampled_from(
    ["\r\n", "\n", "\r", ":", ": ", "/", "//", "..", "%2e", "_podium", "?", "#", "\\", "\0", "HTTP/1.1"]
)
texts = st.lists(tokens | marks, max_size=25).map("".join)
paths = st.lists(
    st.sampled_from(["/", ".", "..", "_podium", "%5f", "podium", "health", "x", "\\", "?", ";"]), max_size=8
)
SECRETS = ("accessKeyId", "secretAccessKey", "sessionToken")
names = st.text("abcdef0123456789", min_size=8, max_size=8)
roles = st.fixed_dictionaries(
    {"credentialsId": names, "roleArn": names, "expiration": names}, optional=dict.fromkeys(SECRETS, names)
)
tasks = st.fixed_dictionaries(
    {"arn": names, "containers": st.just([])}, optional={"roleCredentials": roles, "executionRoleCredentials": roles}
)


@given(st.binary(max_size=200) | texts.map(str.encode))
def test_a_head_is_understood_or_refused(block):
    try:
        head = parse_head(block + b"\r\n\r\n")
    except BadRequest:
        return
    assert head.target.startswith("/")
    assert not any(c in text for _, text in head.headers for c in "\r\n\0")
    framing = [name for name, _ in head.headers if name in ("content-length", "transfer-encoding")]
    assert len(framing) <= 1


@given(paths.map("".join), st.sampled_from(["GET", "POST"]))
def test_no_path_under_podium_s_own_is_passed_on(path, method):
    block = f"{method} /{path} HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n".encode()
    try:
        passed = request_head(parse_head(block)).decode()
    except BadRequest:
        return
    target = passed.split(" ")[1]
    for read in (target, unquote(target)):
        seen = posixpath.normpath("/" + read.partition("?")[0].partition("#")[0].replace("\\", "/").lstrip("/"))
        assert seen != "/_podium"
        assert not seen.startswith("/_podium/")
    assert passed.endswith("\r\nconnection: close\r\n\r\n")
    assert "keep-alive" not in passed
    assert "host: h\r\n" in passed


@given(st.lists(tasks, max_size=3))
def test_credentials_are_taken_out_of_what_is_kept(given_tasks):
    held = RoleCredentials()
    left = held.take(Message(type=acs.PAYLOAD, body={"tasks": given_tasks}))
    for task, bare in zip(given_tasks, left.body["tasks"], strict=True):
        for member in ("roleCredentials", "executionRoleCredentials"):
            if member in task:
                assert not bare[member].keys() & set(SECRETS)
                assert bare[member]["credentialsId"] == task[member]["credentialsId"]
    secrets = {
        t[m]["secretAccessKey"] for t in given_tasks for m in t if "Credentials" in m and "secretAccessKey" in t[m]
    }
    others = json.dumps(
        [
            [
                t["arn"],
                *(t[m].get(n) for m in t if "Credentials" in m for n in ("credentialsId", "roleArn", "expiration")),
            ]
            for t in given_tasks
        ]
    )
    assert not any(secret in json.dumps(left.body) and secret not in others for secret in secrets)


@given(names, roles, names)
def test_what_a_task_holds_is_the_latest_and_ends_with_it(arn, role, other):
    held = RoleCredentials()
    body = {"taskArn": arn, "roleType": "TaskApplication", "roleCredentials": role}
    left = held.take(Message(type=acs.CREDENTIALS, body=body))
    assert not left.body["roleCredentials"].keys() & set(SECRETS)
    found = held.of(arn, role["credentialsId"])
    assert (found is not None) == ("secretAccessKey" in role)
    assert held.of(arn + "x", role["credentialsId"]) is None
    held.keep({arn})
    assert held.of(arn, role["credentialsId"]) == found
    held.keep({other} - {arn})
    assert held.of(arn, role["credentialsId"]) is None
