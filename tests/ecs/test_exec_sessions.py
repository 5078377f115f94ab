"""ExecuteCommand: who is granted a session, what its token is good for, and how it is resumed and ended."""

from typing import Any

import pytest

from inprocess import ACCOUNT, BEGINNING, REGION, Plane, refused
from people import allow, role, trust, user
from podium.ecs import exec_sessions
from podium.ecs.acs import assignments
from podium.ecs.errors import Client
from podium.ecs.exec_sessions import TokenRefused
from podium.ecs.records import ExecSession
from podium.kernel import principal as principals
from podium.kernel.call import Call
from podium.kernel.principal import Principal, PrincipalKind

NOT_ENABLED = exec_sessions.NOT_ENABLED
AGENT = {"managedAgentName": "ExecuteCommandAgent", "status": "RUNNING"}


@pytest.fixture
def plane() -> Plane:
    plane = Plane()
    plane.ready(1, attributes={"podium.sessions": "true", "com.amazonaws.ecs.capability.task-iam-role": ""})
    app = role(plane, "app", trust("ecs-tasks.amazonaws.com"))
    plane.define("shell", {"name": "app"}, taskRoleArn=app)
    plane.define("two", {"name": "app"}, {"name": "log"}, taskRoleArn=app)
    return plane


def enabled(plane: Plane, family: str = "shell", agent: bool = True) -> str:
    """A running task whose containers have their agent."""
    [task] = plane.ecs.run_task(taskDefinition=family, enableExecuteCommand=True)["tasks"]
    plane.obey()
    names = [container["name"] for container in task["containers"]]
    told = [{"containerName": name, **AGENT} for name in names] if agent else []
    plane.report(task["taskArn"], "RUNNING", managedAgents=told)
    return str(task["taskArn"])


def ask(plane: Plane, task: str, **members: Any) -> dict[str, Any]:
    return dict(plane.ecs.execute_command(**{"task": task, "command": "sh", "interactive": True, **members}))


def attach(plane: Plane, session: dict[str, Any], token: str | None = None) -> ExecSession:
    identity, given = session["sessionId"], session["tokenValue"] if token is None else token
    return plane.write(lambda tx: exec_sessions.attached(tx, identity, given, plane.clock.time))


def call(plane: Plane, principal: Principal | None = None) -> Call:
    return Call(
        account=ACCOUNT,
        region=REGION,
        principal=principal or principals.root(ACCOUNT),
        now=plane.clock.time,
        ids=plane.ids,
        sealer=plane.sealer,
    )


def test_a_session_is_granted_as_on_aws(plane: Plane) -> None:
    task = enabled(plane)
    answer = ask(plane, task)
    [container] = plane.ecs.describe_tasks(tasks=[task])["tasks"][0]["containers"]
    assert {name: answer[name] for name in ("taskArn", "containerArn", "containerName", "interactive")} == {
        "taskArn": task,
        "containerArn": container["containerArn"],
        "containerName": "app",
        "interactive": True,
    }
    session = answer["session"]
    assert session["sessionId"].startswith("ecs-execute-command-")
    assert len(session["sessionId"]) == len("ecs-execute-command-") + 17
    url = f"ws://127.0.0.1:4566/v1/data-channel/{session['sessionId']}?role=publish_subscribe"
    assert session["streamUrl"] == url
    assert container["managedAgents"] == [
        {"name": "ExecuteCommandAgent", "lastStatus": "RUNNING", "lastStartedAt": BEGINNING}
    ]


def test_the_payload_tells_the_agent(plane: Plane) -> None:
    task = enabled(plane)
    instance = plane.tasks()[0].container_instance_arn or ""
    [told] = [a for a in plane.read(lambda tx: assignments.of_instance(tx, instance)) if a.task_arn == task]
    assert told.payload is not None
    assert told.payload["containers"][0]["managedAgents"] == [
        {"name": "ExecuteCommandAgent", "properties": {"sessionLimit": "2"}}
    ]


def test_of_several_containers_one_is_named(plane: Plane) -> None:
    task = enabled(plane, "two")
    with refused("InvalidParameterException"):
        ask(plane, task)
    with refused("InvalidParameterException"):
        ask(plane, task, container="nobody")
    assert ask(plane, task, container="log")["containerName"] == "log"


def test_no_session_without_a_running_agent_in_the_container(plane: Plane) -> None:
    task = enabled(plane, agent=False)
    with refused("InvalidParameterException", NOT_ENABLED):
        ask(plane, task)


def test_no_session_in_a_task_that_ended(plane: Plane) -> None:
    task = enabled(plane)
    plane.exit(task)
    with refused("InvalidParameterException", NOT_ENABLED):
        ask(plane, task)


@pytest.mark.parametrize("command", ["", "  ", "echo 'half"])
def test_a_command_is_made_of_words(plane: Plane, command: str) -> None:
    task = enabled(plane)
    with refused("InvalidParameterException"):
        ask(plane, task, command=command)


def test_an_agent_that_is_away_or_does_not_dial_in_is_not_connected(plane: Plane) -> None:
    task = enabled(plane)
    sentence = "The execute command failed due to an internal error. Try again later."
    instance = plane.tasks()[0].container_instance_arn or ""
    plane.disconnect(instance)
    with refused("TargetNotConnectedException", sentence):
        ask(plane, task)
    plane.connect(instance)
    ask(plane, task)


def test_a_token_opens_its_own_session_once(plane: Plane) -> None:
    task = enabled(plane)
    one, other = ask(plane, task)["session"], ask(plane, task)["session"]
    with pytest.raises(TokenRefused):
        attach(plane, one, other["tokenValue"])
    with pytest.raises(TokenRefused):
        attach(plane, one, "")
    with pytest.raises(TokenRefused):
        attach(plane, {**one, "sessionId": "ecs-execute-command-00000000000000000"})
    assert attach(plane, one).command == "sh"
    with pytest.raises(TokenRefused):
        attach(plane, one)


def test_a_token_expires_and_its_session_with_it(plane: Plane) -> None:
    session = ask(plane, enabled(plane))["session"]
    plane.advance(59)
    assert len(plane.records(ExecSession)) == 1
    plane.clock.time += exec_sessions.TOKEN_LIFE
    with pytest.raises(TokenRefused):
        attach(plane, session)
    plane.advance(0)
    assert plane.records(ExecSession) == []


def test_no_token_is_on_record(plane: Plane) -> None:
    token = ask(plane, enabled(plane))["session"]["tokenValue"]
    [session] = plane.records(ExecSession)
    assert token not in repr(session)
    assert session.token_digest


def test_a_container_has_two_sessions_at_most(plane: Plane) -> None:
    task = enabled(plane)
    granted = [ask(plane, task)["session"] for _ in range(3)]
    for session in granted[:2]:
        attach(plane, session)
    with pytest.raises(Client):
        attach(plane, granted[2])
    with refused(
        "ClientException",
        "The container app has 2 sessions already, which is the limit. End one of them and try again.",
    ):
        ask(plane, task)
    plane.write(lambda tx: exec_sessions.terminate(call(plane), tx, granted[0]["sessionId"]))
    attach(plane, ask(plane, task)["session"])


def test_a_session_is_resumed_by_its_own_caller_alone(plane: Plane) -> None:
    session = ask(plane, enabled(plane))["session"]
    resume = lambda who: plane.write(lambda tx: exec_sessions.resume(call(plane, who), tx, session["sessionId"]))  # noqa: E731
    assert resume(None) is None, "it has not begun"
    attach(plane, session)
    stranger = Principal(kind=PrincipalKind.USER, arn=f"arn:aws:iam::{ACCOUNT}:user/x", account=ACCOUNT)
    assert resume(stranger) is None
    told = resume(None)
    assert (told["SessionId"], told["StreamUrl"]) == (session["sessionId"], session["streamUrl"])
    with pytest.raises(TokenRefused):
        attach(plane, session)
    attach(plane, session, told["TokenValue"])


def test_systems_manager_resumes_and_ends_a_session(plane: Plane) -> None:
    ssm, session = plane.client("ssm"), ask(plane, enabled(plane))["session"]
    attach(plane, session)
    told = ssm.resume_session(SessionId=session["sessionId"])
    assert told["StreamUrl"] == session["streamUrl"]
    attach(plane, session, told["TokenValue"])
    for _ in range(2):
        assert ssm.terminate_session(SessionId=session["sessionId"])["SessionId"] == session["sessionId"]
    with refused("DoesNotExistException", f"Session {session['sessionId']} does not exist, or is over."):
        ssm.resume_session(SessionId=session["sessionId"])


def test_a_caller_needs_permission_for_the_container(plane: Plane) -> None:
    task = enabled(plane)
    condition = {"StringEquals": {"ecs:container-name": "app"}}
    ann = plane.client("ecs", key=user(plane, "ann", allow("ecs:ExecuteCommand", Condition=condition)))
    with refused("AccessDeniedException"):
        ann.execute_command(task=task, command="sh", interactive=True)
    ann.execute_command(task=task, container="app", command="sh", interactive=True)
