"""Container instances without a host: they register, keep their channel open, and say yes to everything."""

import asyncio
import hashlib
import json
import threading
from collections.abc import Mapping
from secrets import token_hex
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from bench.raw import REGION, TARGET
from podium_protocol import Message, acs, decode, encode, upgrades
from podium_protocol.signing import Credentials, Signer


class Agents:
    """`count` of them in one cluster, in a thread of their own, until `close`."""

    def __init__(self, url: str, key: Mapping[str, str], cluster: str, count: int) -> None:
        self._url, self._cluster = url, cluster
        self._joining = _signer(key)
        self._ready = threading.Barrier(2)
        self._loop = asyncio.new_event_loop()
        self._members = [self._join() for _ in range(count)]
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._stay(),), daemon=True)
        self._thread.start()
        self._ready.wait(30)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)
        self._loop.close()

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
        return arn, _signer(
            self._post("/_podium/instance-credentials", {"containerInstanceArn": arn, "claim": claim}, {})
        )

    def _post(self, path: str, members: Mapping[str, Any], extra: dict[str, str]) -> dict[str, Any]:
        body, host = json.dumps(members).encode(), urlsplit(self._url).netloc
        headers = self._joining.headers("POST", host, path, body=body, extra=extra)
        with urlopen(Request(self._url + path, data=body, headers=headers, method="POST"), timeout=30) as answer:
            return dict(json.loads(answer.read()))

    async def _stay(self) -> None:
        self._over = asyncio.Event()
        opened = [asyncio.Event() for _ in self._members]
        links = [
            asyncio.create_task(self._link(arn, signer, up))
            for (arn, signer), up in zip(self._members, opened, strict=True)
        ]
        await asyncio.gather(*(up.wait() for up in opened))
        await asyncio.to_thread(self._ready.wait, 30)
        await self._over.wait()
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


def _signer(key: Mapping[str, Any]) -> Signer:
    credentials = Credentials(
        access_key_id=key["accessKeyId"],
        secret_access_key=key["secretAccessKey"],
        session_token=key.get("sessionToken"),
    )
    return Signer(credentials=credentials, region=REGION)
