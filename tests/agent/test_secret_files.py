"""Secrets as files: what the label asks for, what the container is told, and how the files lie on the tmpfs."""

import asyncio
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.engine_hands import TASK, Hands, a_container, a_task
from podium_agent.engine import events as e
from podium_agent.engine import instructions as i
from podium_agent.engine.records import Key
from podium_agent.engine.saved import to_record
from podium_agent.secrets import SecretError, contents, into, namespaces
from podium_agent.secrets import tmpfs as on_tmpfs
from podium_agent.secrets.tmpfs import Tmpfs
from podium_protocol.payload import Secret

MAIN = Key(TASK, "main")
FILES = i.SecretFiles(folder="/t/1", mount_point="/run/secrets")
FAILED = "ResourceInitializationError: unable to deliver secrets as files: "


def a_secret(name: str, target: str = "CONTAINER") -> Secret:
    return {"name": name, "valueFrom": f"/{name}", "provider": "ssm", "target": target}


def labelled(path: str | None, *names: str, **members: Any) -> dict[str, Any]:
    labels = {} if path is None else {"podium.secrets": path}
    config = {"config": json.dumps({"Labels": labels}), "hostConfig": "{}"}
    return a_container(secrets=[a_secret(name) for name in names], dockerConfig=config, **members)


def created(container: dict[str, Any], **settings: Any) -> i.Create:
    it = Hands(secrets_dir="/t", **settings)
    it.give(a_task(container))
    (create,) = it.of(i.Create)
    return create


def refusal(path: str, *names: str) -> str:
    it = Hands(secrets_dir="/t")
    it.give(a_task(labelled(path, *names)))
    assert it.of(i.Create) == []
    return str(it.submitted()["reason"])


@pytest.mark.parametrize("path", ["/run/secrets", "/run/secrets/", "//run/./secrets"])
def test_a_label_has_a_folder_of_the_container_s_own_mounted_read_only(path):
    it = Hands(secrets_dir="/t")
    it.give(a_task(labelled(path, "A")))
    (create,) = it.of(i.Create)
    endpoint_id = it.engine.tasks[TASK].container("main").endpoint_id
    assert create.secret_files == i.SecretFiles(folder=f"/t/{endpoint_id}", mount_point="/run/secrets")
    assert create.body["HostConfig"]["Mounts"] == [
        {"Type": "bind", "Source": f"/t/{endpoint_id}", "Target": "/run/secrets", "ReadOnly": True}
    ]


@pytest.mark.parametrize(
    "container",
    [
        labelled(None, "A"),
        labelled("/run/secrets"),
        {**labelled("/run/secrets"), "secrets": [a_secret("splunk-token", "LOG_DRIVER")]},
    ],
)
def test_without_the_label_or_a_secret_of_its_own_nothing_is_mounted(container):
    create = created(container)
    assert create.secret_files is None
    assert "Mounts" not in create.body["HostConfig"]


@pytest.mark.parametrize("path", ["", "/", "//", "/.", "run/secrets", "../run", "/run/../etc", "/.."])
def test_a_path_that_is_no_folder_of_the_container_is_refused_with_what_to_do(path):
    assert refusal(path, "A") == (
        f"{FAILED}the label podium.secrets of container main is '{path}', and must be the absolute path of a folder in "
        "the container, without '..' and not '/' itself, such as /run/secrets"
    )


@pytest.mark.parametrize("name", ["a/b", "/etc/passwd", ".", "..", ""])
def test_a_name_that_is_no_file_s_is_refused_with_what_to_do(name):
    assert refusal("/run/secrets", "A", name) == (
        f"{FAILED}the label podium.secrets of container main makes a file of every secret, and no file can be called "
        f"'{name}': give the secret a name that is not '.' or '..' and has no '/' in it, or leave the label out"
    )


def test_such_a_name_is_welcome_where_it_is_no_file_s():
    assert created(labelled(None, "a/b")).secrets == (a_secret("a/b"),)
    options = {**labelled("/run/secrets", "A"), "secrets": [a_secret("A"), a_secret("a/b", "LOG_DRIVER")]}
    assert created(options).secret_files is not None


@given(st.lists(st.sampled_from(["", ".", "..", "run", "secrets"]), max_size=5))
def test_whatever_is_mounted_is_a_folder_below_the_root(steps):
    it = Hands(secrets_dir="/t")
    it.give(a_task(labelled("/" + "/".join(steps), "A")))
    for create in it.of(i.Create):
        assert ".." not in steps
        assert create.secret_files.mount_point == os.path.normpath(create.secret_files.mount_point) != "/"
    assert bool(it.of(i.Create)) == (".." not in steps and bool({"run", "secrets"} & set(steps)))


def test_the_environment_says_where_a_secret_is_and_not_what():
    values = [(a_secret("A"), "hidden"), (a_secret("B"), "also\0hidden")]
    made = into({"Env": ["X=1"]}, values, FILES)
    assert made["Env"] == ["X=1", "A_FILE=/run/secrets/A", "B_FILE=/run/secrets/B"]
    assert contents(values) == {"A": "hidden", "B": "also\0hidden"}


def test_a_variable_that_the_task_sets_itself_stays():
    made = into({"Env": ["A_FILE=/elsewhere"]}, [(a_secret("A"), "hidden")], FILES)
    assert made["Env"] == ["A_FILE=/elsewhere"]


def test_a_log_driver_s_secret_is_its_option_as_ever():
    body = {"HostConfig": {"LogConfig": {"Type": "splunk"}}}
    values = [(a_secret("A"), "hidden"), (a_secret("splunk-token", "LOG_DRIVER"), "token")]
    made = into(body, values, FILES)
    assert made["HostConfig"]["LogConfig"]["Config"] == {"splunk-token": "token"}
    assert made["Env"] == ["A_FILE=/run/secrets/A"]
    assert contents(values) == {"A": "hidden"}


def test_the_files_go_when_the_container_was_removed_and_not_before():
    it = Hands(secrets_dir="/t", cleanup_wait=5.0)
    it.run(a_task(labelled("/run/secrets", "A"), a_container("other", essential=False)))
    folder = f"/t/{it.engine.tasks[TASK].container('main').endpoint_id}"
    it.end("other")
    assert it.of_events(e.Accepted(task_arn=TASK), i.RemoveSecretFiles) == []
    it.end()
    assert it.of_events(e.Accepted(task_arn=TASK), i.RemoveSecretFiles) == []
    it.now += 5.0
    assert it.of_events(e.Tick(), i.RemoveSecretFiles) == []
    it.tell(e.Removed(key=MAIN))
    assert it.of_events(e.Removed(key=Key(TASK, "other")), i.RemoveSecretFiles) == [i.RemoveSecretFiles(folder=folder)]


def test_an_agent_that_starts_anew_keeps_the_files_of_its_tasks():
    before = Hands(secrets_dir="/t")
    before.run(a_task(labelled("/run/secrets", "A"), a_container("other")))
    record = to_record(before.engine.tasks[TASK])
    endpoint_id = before.engine.tasks[TASK].container("main").endpoint_id
    after = Hands(secrets_dir="/t")
    kept = after.of_events(e.Restored(records=(record,), sequence=1), i.KeepSecretFiles)
    assert kept == [i.KeepSecretFiles(folder="/t", names=frozenset({endpoint_id}))]


@pytest.fixture
def tmpfs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tmpfs:
    """Below a folder that stands for the host, and is mounted already."""

    async def mounted(self: Tmpfs, there: Any) -> None:
        return

    monkeypatch.setattr(namespaces.MountNamespace, "path", lambda self, name: Path(f"{tmp_path}{name}"))
    monkeypatch.setattr(Tmpfs, "_mount", mounted)
    return Tmpfs(tmp_path, "unix:///nowhere")


def test_a_file_holds_exactly_the_value_and_is_open_to_whatever_user_the_container_has(tmpfs, tmp_path):
    umask = os.umask(0o077)
    try:
        for _ in range(2):
            asyncio.run(tmpfs.write("/t/1", {"A": "no newline", "B": "", "C": "é\ud800\n"}))
    finally:
        os.umask(umask)
    folder = tmp_path / "t" / "1"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "A": b"no newline",
        "B": b"",
        "C": "é\ud800\n".encode(errors="surrogatepass"),
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o755
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
    assert stat.S_IMODE(folder.parent.stat().st_mode) == 0o700


def test_what_no_task_has_any_more_goes_and_the_rest_stays(tmpfs, tmp_path):
    async def story() -> None:
        await tmpfs.keep("/t", frozenset())
        for name in ("1", "2", "3"):
            await tmpfs.write(f"/t/{name}", {"A": "v"})
        await tmpfs.keep("/t", frozenset({"2", "3"}))
        await tmpfs.remove("/t/3")
        await tmpfs.remove("/t/3")

    asyncio.run(story())
    assert [path.name for path in (tmp_path / "t").iterdir()] == ["2"]


@pytest.mark.parametrize("name", ["n" * 300, "nul\0", "half\ud800"])
def test_a_name_that_the_kernel_refuses_is_refused_without_the_value(tmpfs, name):
    with pytest.raises(SecretError) as caught:
        asyncio.run(tmpfs.write("/t/1", {name: "hidden"}))
    assert str(caught.value).startswith(FAILED)
    assert "hidden" not in str(caught.value)


def test_an_agent_that_is_not_root_writes_nothing_and_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(on_tmpfs.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(namespaces.MountNamespace, "path", lambda self, name: Path(f"{tmp_path}{name}"))
    with pytest.raises(SecretError) as caught:
        asyncio.run(Tmpfs(tmp_path, "unix:///nowhere").write("/t/1", {"A": "hidden"}))
    assert str(caught.value) == (
        f"{FAILED}only root may mount a tmpfs for them, and the agent does not run as root. See to that on the host, "
        "or leave out the label podium.secrets: then the container has its secrets in its environment"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_tmpfs_that_cannot_be_mounted_has_nothing_written_in_its_place(tmp_path, monkeypatch):
    monkeypatch.setattr(on_tmpfs.os, "geteuid", lambda: 0)
    monkeypatch.setattr(namespaces.MountNamespace, "path", lambda self, name: Path(f"{tmp_path}{name}"))
    monkeypatch.setattr(namespaces.MountNamespace, "command", lambda self, *words: ("sh", "-c", "echo no >&2; exit 1"))
    with pytest.raises(SecretError, match=r"as files: no\. See to that"):
        asyncio.run(Tmpfs(tmp_path, "unix:///nowhere").write("/t/1", {"A": "hidden"}))
    monkeypatch.setattr(namespaces.MountNamespace, "command", lambda self, *words: ("true",))
    with pytest.raises(SecretError, match=r"was mounted at .*, and is not there"):
        asyncio.run(Tmpfs(tmp_path, "unix:///nowhere").write("/t/1", {"A": "hidden"}))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
