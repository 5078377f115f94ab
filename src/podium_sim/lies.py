"""Agents that lie: what a host says that is not so, for as long as it does."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from podium_protocol import Message, acs

if TYPE_CHECKING:
    from podium_sim.agent import SimAgent
    from podium_sim.plane import SimPlane


class Lie(StrEnum):
    ENDED = "says that what it runs has ended"
    BEGUN = "says that what it is told of runs already"
    DEAF = "says that it has heard, and has not listened"
    PHANTOM = "claims a task that nobody started"
    NONSENSE = "reports words that there are not"
    OTHERS = "says that what other hosts run has ended"


class Believed(AssertionError):
    """A host's word counted for what is not its own."""


def believed(agent: "SimAgent", request: dict[str, Any]) -> dict[str, Any]:
    """The report as it leaves the host."""
    if agent.lie is Lie.ENDED and request["status"] == "RUNNING":
        agent.world.doubted.add(request["task"])
        return {**request, "status": "STOPPED", "reason": "CannotStartContainerError: it was never there"}
    if agent.lie is Lie.NONSENSE:
        agent.world.doubted.add(request["task"])
        odd = [{"containerName": "nobody", "status": "WANDERING"}, {"containerName": "main", "status": "PONDERING"}]
        return {**request, "status": "WANDERING", "containers": odd}
    return request


def ignores(agent: "SimAgent", plane: "SimPlane", message: Message) -> bool:
    """Whether the engine never hears of the message, though the control plane is told so."""
    if message.type != acs.PAYLOAD or agent.lie not in (Lie.DEAF, Lie.BEGUN):
        return False
    told = [t for t in message.body["tasks"] if t["desiredStatus"] == "RUNNING"]
    agent.world.doubted.update(t["arn"] for t in message.body["tasks"])
    if agent.lie is Lie.BEGUN:
        for task in told:
            report = {"cluster": agent.cluster, "task": task["arn"], "status": "RUNNING"}
            agent.world.agent_call(agent, "SubmitTaskStateChange", report, lambda result, error: None)
        return False
    answer: acs.AckRequest = {
        "cluster": agent.cluster,
        "containerInstance": agent.arn,
        "messageId": str(message.body["messageId"]),
    }
    agent.world.carry_on_line(agent, plane, lambda: plane.hear(agent.arn, acs.ack(answer)))
    return True


def tell_of_others(agent: "SimAgent", task_arns: Iterable[str]) -> None:
    """Say of tasks that are on other hosts that they have ended. Nobody is to believe it."""

    def answered(arn: str) -> Callable[[Any, Any], None]:
        def hear(result: Any, error: BaseException | None) -> None:
            if error is None:
                raise Believed(f"{agent.name} was believed about {arn}, which is not its own")

        return hear

    for arn in task_arns:
        report = {"cluster": agent.cluster, "task": arn, "status": "STOPPED"}
        agent.world.agent_call(agent, "SubmitTaskStateChange", report, answered(arn))


def claim(agent: "SimAgent", plane: "SimPlane", of: Mapping[str, str], name: str) -> str:
    """Claim to run a task `of` a family, a version and a group. Returns its ARN."""
    arn = f"{agent.arn.partition(':container-instance/')[0]}:task/demo/{name}"
    told: Any = {**of, "taskArn": arn, "taskClusterArn": "", "desiredStatus": "STOPPED"}
    message = acs.stop_verification({"messageId": f"phantom-{name}", "stopCandidates": [told]})
    agent.world.doubted.add(arn)
    agent.world.carry_on_line(agent, plane, lambda: plane.hear(agent.arn, message))
    return arn
