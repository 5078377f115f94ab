"""The WebSocket upgrades that open ACS and TCS: their query parameters and their refusals.

Both are `GET <endpoint>/ws?...`, signed with SigV4 through headers.
"""

import json
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from podium_protocol.acs import PROTOCOL_VERSION

INACTIVE_INSTANCE = "InactiveInstanceException"
"""The refusal that tells an agent its container instance is gone for good."""

INVALID_INSTANCE = "InvalidInstanceException"
"""The refusal that tells Podium's agent to register: no such container instance is known."""

INVALID_CLUSTER = "InvalidClusterException"
"""The refusal of an agent that names a cluster which is not its container instance's."""


@dataclass(frozen=True, kw_only=True)
class Opening:
    """Who opens a channel. `cluster` is a name or an ARN, as the agent was configured."""

    cluster: str
    container_instance_arn: str
    agent_version: str = ""
    agent_hash: str = ""
    docker_version: str = ""
    send_credentials: bool = False


def acs_query(opening: Opening) -> str:
    """The query of an ACS upgrade, sorted and percent-encoded."""
    return _encode(
        {
            "agentHash": opening.agent_hash,
            "agentVersion": opening.agent_version,
            "clusterArn": opening.cluster,
            "containerInstanceArn": opening.container_instance_arn,
            "dockerVersion": f"DockerVersion: {opening.docker_version}",
            "protocolVersion": PROTOCOL_VERSION,
            "sendCredentials": "true" if opening.send_credentials else "false",
            "seqNum": "1",
        }
    )


def tcs_query(opening: Opening) -> str:
    """The query of a TCS upgrade, sorted and percent-encoded."""
    return _encode(
        {
            "agentHash": opening.agent_hash,
            "agentVersion": opening.agent_version,
            "cluster": opening.cluster,
            "containerInstance": opening.container_instance_arn,
            "dockerVersion": opening.docker_version,
        }
    )


def parse_opening(query: str) -> Opening:
    """Who opens a channel with this query, for either channel. Missing parameters read as empty."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    return Opening(
        cluster=given.get("clusterArn") or given.get("cluster", ""),
        container_instance_arn=given.get("containerInstanceArn") or given.get("containerInstance", ""),
        agent_version=given.get("agentVersion", ""),
        agent_hash=given.get("agentHash", ""),
        docker_version=given.get("dockerVersion", "").removeprefix("DockerVersion: "),
        send_credentials=given.get("sendCredentials") == "true",
    )


def websocket_url(endpoint: str, query: str) -> str:
    """Where to dial: `endpoint` with /ws and `query`, http read as ws and https as wss."""
    parts = urlsplit(endpoint)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}/ws?{query}"


def refusal(error: str, text: str) -> str:
    """The JSON body of a refused upgrade: one member, the error's name, with what it says."""
    return json.dumps({error: text})


def is_inactive(body: str) -> bool:
    """Whether a refused upgrade says that the container instance is gone for good."""
    return INACTIVE_INSTANCE in body


def is_unknown(body: str) -> bool:
    """Whether a refused upgrade says that no such container instance is known."""
    return INVALID_INSTANCE in body


def _encode(parameters: dict[str, str]) -> str:
    return urlencode(sorted(parameters.items()), quote_via=quote, safe="")
