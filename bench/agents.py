"""Container instances without a host: they register, keep their channel open, and say yes to everything."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from bench.raw import TARGET, signer
from podium_protocol import Message, acs, decode, encode, upgrades
from podium_protocol.signing import Signer

HERE = Path(__file__).resolve().parent.parent
PATH = os.pathsep.join((str(HERE), str(HERE / "src")))


class Agents:
    """`count` of them in one cluster, in a process of their own, until `close`."""

    def __init__(self, url: str, key: Mapping[str, str], cluster: str, count: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.agents", url, cluster, str(count)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": PATH},
        )  # fmt: skip
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(dict(key)) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline() == "ready\n"

    def close(self) -> None:
        self._process.communicate()


class _Members:
    """The agents themselves, in their process."""

    def __init__(self, url: str, key: Mapping[str, str], cluster: str, count: int) -> None:
        self._url, self._cluster = url, cluster
        self._joining = signer(key)
        self._members = [self._join() for _ in range(count)]

    def _join(self) -> tuple[str, Signer]:
        claim = token_hex()
        document = json.dumps({"podiumClaim": hashlib.sha256(claim.encode()).hexdigest()})
        answer = self._post(
            "/",
            {
                "cluster": self._cluster,
                "instanceIdentityDocument": document,
                "totalResources": [
                    {"name": "CPU", "type": "INTEGER", "integerValue": 1 << 24},
                    {"name": "MEMORY", "type": "INTEGER", "integerValue": 1 << 24},
                ],
            },
            {"X-Amz-Target": f"{TARGET}.RegisterContainerInstance", "Content-Type": "application/x-amz-json-1.1"},
        )
        arn = str(answer["containerInstance"]["containerInstanceArn"])
        return arn, signer(
            self._post("/_podium/instance-credentials", {"containerInstanceArn": arn, "claim": claim}, {})
        )

    def _post(self, path: str, members: Mapping[str, Any], extra: dict[str, str]) -> dict[str, Any]:
        body, host = json.dumps(members).encode(), urlsplit(self._url).netloc
        headers = self._joining.headers("POST", host, path, body=body, extra=extra)
        with urlopen(Request(self._url + path, data=body, headers=headers, method="POST"), timeout=30) as answer:
            return dict(json.loads(answer.read()))

    async def stay(self) -> None:
        """Until standard input ends."""
        opened = [asyncio.Event() for _ in self._members]
        links = [
            asyncio.create_task(self._link(arn, signer, up))
            for (arn, signer), up in zip(self._members, opened, strict=True)
        ]
        await asyncio.gather(*(up.wait() for up in opened))
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)

    async def _link(self, arn: str, signer: Signer, up: asyncio.Event) -> None:
        from websockets.asyncio.client import connect

        opening = upgrades.Opening(
            cluster=self._cluster, container_instance_arn=arn, agent_version="1.0.0", agent_hash="bench",
            docker_version="20", send_credentials=False,
        )  # fmt: skip
        url = upgrades.websocket_url(f"{self._url}/acs", upgrades.acs_query(opening))
        parts = urlsplit(url)
        headers = signer.headers("GET", parts.netloc, f"{parts.path}?{parts.query}")
        async with connect(
            url, additional_headers=headers, proxy=None, user_agent_header=None, max_size=None
        ) as socket:
            async for frame in socket:
                message = decode(frame)
                up.set()
                if message.type == acs.HEARTBEAT:
                    await socket.send(encode(acs.heartbeat_ack({"messageId": message.body.get("messageId", "")})))
                elif "messageId" in message.body:
                    answer: Any = {"cluster": self._cluster, "containerInstance": arn,
                                   "messageId": message.body["messageId"]}  # fmt: skip
                    await socket.send(encode(Message(type=acs.ACK, body=answer)))


if __name__ == "__main__":
    url_, cluster_, count_ = sys.argv[1:]
    asyncio.run(_Members(url_, json.loads(sys.stdin.readline()), cluster_, int(count_)).stay())
