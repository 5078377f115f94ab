"""Becoming a container instance of a cluster, again or for the first time."""

import asyncio
import json
import os
from typing import Any
from uuid import uuid4

from podium_agent import capabilities, hostaddress
from podium_agent.api import Api, ApiError
from podium_agent.capabilities import Abilities
from podium_agent.config import EVERY_CLUSTER, FARGATE_POOL, Config
from podium_agent.credentials import InstanceCredentials, claim_digest
from podium_agent.net.backoff import delays
from podium_agent.state import State
from podium_program.log import Log

DEFAULT_CLUSTER = "default"
_ARN = "container-instance-arn"
_FORMER = "former-container-instance-arns"
_UNKNOWN_INSTANCE = ("ClientException", "InvalidParameterException")


def instances(state: State) -> list[str]:
    """The ARNs whose containers belong to this agent in this cluster, the present one first."""
    former = (state.fact(_FORMER) or "").split()
    present = state.fact(_ARN)
    return ([present] if present else []) + former


async def register(
    api: Api,
    state: State,
    config: Config,
    cluster: str,
    abilities: Abilities,
    credentials: InstanceCredentials,
    log: Log,
) -> str:
    """The container instance's ARN, once its own credential is there too.

    Tries for as long as the control plane is away or says no. An ARN that the control plane refuses
    to know is kept as a former one: the containers of that instance stay ours.
    """
    request = _request(config, cluster, abilities, claim_digest(state))
    for delay in delays(0.2, 5.0, factor=2.0):
        try:
            arn = await _register_once(api, state, request, log)
            await credentials.obtain(arn)
            return arn
        except ApiError as error:
            await _mend(api, state, cluster, error, log)
        except (OSError, EOFError) as error:
            log("the control plane does not answer", reason=str(error) or type(error).__name__)
        await asyncio.sleep(delay)
    raise AssertionError("delays never end")


def retire(state: State) -> None:
    """Make the present ARN a former one, so that the next registration is a first one."""
    present = state.fact(_ARN)
    if present:
        former = (state.fact(_FORMER) or "").split()
        state.set_fact(_FORMER, " ".join([present, *(arn for arn in former if arn != present)]))
        state.set_fact(_ARN, "")


async def _register_once(api: Api, state: State, request: dict[str, Any], log: Log) -> str:
    present = state.fact(_ARN)
    known = {"containerInstanceArn": present} if present else {}
    answer = await api.call("RegisterContainerInstance", {**request, **known})
    arn = str(answer["containerInstance"]["containerInstanceArn"])
    if present and arn != present:
        retire(state)
    state.set_fact(_ARN, arn)
    log("registered", container_instance=arn, again=bool(present))
    return arn


async def _mend(api: Api, state: State, cluster: str, error: ApiError, log: Log) -> None:
    """Do what may make the next try succeed."""
    present = state.fact(_ARN)
    if error.code == "ClusterNotFoundException" and cluster == DEFAULT_CLUSTER:
        log("creates the default cluster")
        try:
            await api.call("CreateCluster", {"clusterName": DEFAULT_CLUSTER})
        except (ApiError, OSError, EOFError) as failure:
            log("could not create the default cluster", reason=str(failure))
    elif error.code in _UNKNOWN_INSTANCE and present:
        log("registers anew: the control plane does not take the instance back", instance=present, reason=str(error))
        retire(state)
    else:
        log("registration was refused", reason=str(error))


def _request(config: Config, cluster: str, abilities: Abilities, digest: str) -> dict[str, Any]:
    info = abilities.info
    cpu = config.cpu or int(info.get("NCPU", 1)) * 1024
    memory_mib = config.memory_mib or int(info.get("MemTotal", 0)) // 2**20
    return {
        "cluster": cluster,
        "clientToken": str(uuid4()),
        "instanceIdentityDocument": json.dumps({"podiumClaim": digest}),
        "instanceIdentityDocumentSignature": "",
        "totalResources": capabilities.total_resources(cpu, memory_mib),
        "attributes": capabilities.attributes(
            abilities, config.zone, {**config.attributes, **_following(config, cluster), **_machine()}
        ),
    }


def _machine() -> dict[str, str]:
    """How many vCPUs there are, where the ports of its tasks are reached as far as it knows, and ECS Exec."""
    own = hostaddress.outgoing()
    return {
        "podium.host-vcpus": str(os.cpu_count() or 1),
        "podium.sessions": "true",
        **({"podium.host-address": own} if own else {}),
    }


def _following(config: Config, cluster: str) -> dict[str, str]:
    """Tells the control plane that this instance joins every cluster, and leaves with it."""
    return {"podium.follows-clusters": "true"} if config.cluster == EVERY_CLUSTER and cluster != FARGATE_POOL else {}
