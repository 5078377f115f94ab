"""One cluster joined as one container instance: registration, both channels, and the engine between."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from podium_agent import hostaddress, hostports, registration
from podium_agent.api import Api
from podium_agent.awslogs import Awslogs, configuration, relay
from podium_agent.awslogs.spool import Sender
from podium_agent.capabilities import Abilities
from podium_agent.carrier import Carrier
from podium_agent.channels.endpoints import Endpoints
from podium_agent.channels.link import Link, Manners
from podium_agent.channels.state_changes import StateChanges
from podium_agent.channels.usage import Usage
from podium_agent.config import FARGATE_POOL, Config
from podium_agent.credentials import InstanceCredentials
from podium_agent.docker.client import Docker
from podium_agent.docker.hands import Hands
from podium_agent.docker.watch import Watch
from podium_agent.endpoint.serving import Urls
from podium_agent.engine import Engine, Settings
from podium_agent.engine import events as e
from podium_agent.execution_role import ExecutionRole
from podium_agent.metadata.files import METADATA
from podium_agent.metadata.residents import Home, Place
from podium_agent.network.host import HostNetwork, Rules, owner
from podium_agent.role_credentials import RoleCredentials
from podium_agent.secrets.tmpfs import Tmpfs
from podium_agent.sessions.dialing import Sessions
from podium_agent.state import State
from podium_agent.telemetry import Telemetry
from podium_program.log import Log
from podium_protocol import Message, acs

_FORGET_EVERY_SECONDS = 60.0
_LOGS = "logs"
_RULES = "security-groups"
_TCS_MANNERS = Manners(first_delay=0.5, last_delay=15, factor=2.0)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What all memberships of a process share.

    `api` is called with the key for joining; `info` is Docker's answer to `GET /info`.
    `no_network` says why this agent cannot make networks for awsvpc tasks; None when it can. `log_relay` is the URL
    that Docker's awslogs driver is sent to; empty where it cannot be served.
    """

    config: Config
    api: Api
    docker: Docker
    hands: Hands
    watch: Watch
    log: Log
    urls: Urls
    awslogs: Awslogs
    secret_files: Tmpfs
    info: Mapping[str, Any] = field(default_factory=dict)
    no_network: str | None = None
    log_relay: str = ""

    @property
    def abilities(self) -> Abilities:
        """The driver is used only where it can be sent to the relay."""
        drivers = (self.info.get("Plugins") or {}).get("Log") or ()
        logging = relay.CAPABILITIES if self.log_relay and configuration.DRIVER in drivers else ()
        return Abilities(info=self.info, networks=self.no_network is None, more=(*self.urls.can, *logging))


class Membership:
    """`run` joins, and stays until it is cancelled; containers then run on."""

    def __init__(self, cluster: str, around: Surroundings) -> None:
        self.cluster = cluster
        self.engine: Engine | None = None
        self.container_instance_arn = ""
        self._around = around
        name = cluster.rpartition("/")[2]
        self._state = State(around.config.data_dir / f"{name}.db")
        self._log = around.log.bound(cluster=name)
        self._credentials = InstanceCredentials(around.api, self._state, around.config.region, self._log)
        self._api = around.api.signed_by(self._credentials)
        self._roles = RoleCredentials()
        self._acs: Link | None = None
        self._state_changes = StateChanges(self._api, self._send)
        self._telemetry: Telemetry | None = None
        self._carrier: Carrier | None = None
        self._sessions: Sessions | None = None
        self._refused = asyncio.Event()
        self._is_inactive = False

    def home(self) -> Home:
        """What the task endpoint serves this membership's tasks with."""
        config = self._around.config
        place = Place(cluster=self.cluster, zone=config.zone, container_instance_arn=self.container_instance_arn)
        return Home(place=place, api=self._api, region=config.region, roles=self._roles)

    def api_of_logs(self, sender: Sender) -> Api | None:
        """CloudWatch Logs, called as the task's execution role, or as this instance where there is no such role.

        None while the role's credentials may still come.
        """
        region, whose = self._around.config.region, (sender.task_arn, sender.credentials_id)
        as_role = self._roles.signer(*whose, region, _LOGS)
        if as_role is None and sender.credentials_id and self._roles.may_come(*whose):
            return None
        signs = as_role or self._credentials.of_service(_LOGS)
        return None if signs is None else self._api.signed_by(signs)

    def clusters_changed(self) -> None:
        """An instance that was found inactive may be welcome in a new cluster of the same name."""
        if self._is_inactive:
            registration.retire(self._state)
            self._refused.set()

    async def run(self) -> None:
        """Registers, works, and registers again whenever the control plane has lost the instance."""
        try:
            while True:
                await self._register()
                await self._work()
        finally:
            if self._carrier is not None:
                self._around.watch.forget(self._carrier.feed)
                await self._carrier.close()
            self._state.close()

    async def _register(self) -> None:
        a = self._around
        arn = await registration.register(
            a.api, self._state, a.config, self.cluster, a.abilities, self._credentials, self._log
        )
        self.container_instance_arn = arn
        self._log = a.log.bound(cluster=self.cluster.rpartition("/")[2], container_instance=arn)

    async def _work(self) -> None:
        """Until the control plane says that it does not know this instance."""
        self._refused.clear()
        self._is_inactive = False
        engine = self._take_up()
        endpoints = self._endpoints()
        self._telemetry = telemetry = self._make_telemetry(engine)
        self._sessions = sessions = self._make_sessions(engine, endpoints)
        self._acs = self._acs_link(endpoints)
        workers = [
            asyncio.create_task(self._acs.run()),
            asyncio.create_task(self._tcs_link(endpoints, telemetry).run()),
            asyncio.create_task(telemetry.run()),
            asyncio.create_task(self._credentials.keep(self.container_instance_arn)),
            asyncio.create_task(self._forget_roles(engine)),
        ]
        try:
            await self._until_refused(workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await sessions.close()

    async def _until_refused(self, workers: list["asyncio.Task[None]"]) -> None:
        """A worker that ends, and a failure of the carrier, end the membership with their error."""
        assert self._carrier is not None, "work begins with the carrier"
        refused = asyncio.create_task(self._refused.wait())
        ends: list[asyncio.Future[Any]] = [self._carrier.failure, *workers]
        done, _ = await asyncio.wait([refused, *ends], return_when=asyncio.FIRST_COMPLETED)
        refused.cancel()
        for end in (end for end in ends if end in done):
            end.result()

    def _take_up(self) -> Engine:
        """The engine, made at first and told of its new ARN after that."""
        watch = self._around.watch
        if self._carrier is None or self.engine is None:
            self.engine = Engine(self._settings(), new_id=lambda: uuid4().hex, port_is_free=hostports.is_free)
            self._carrier = self._make_carrier(self.engine)
            sequence = int(self._state.fact("sequence") or "-1")
            first: e.Event = e.Restored(records=self._state.tasks(), sequence=sequence)
        else:
            first = e.Renumbered(container_instance_arn=self.container_instance_arn)
        for arn in registration.instances(self._state):
            watch.listen(arn, self._carrier.feed)
        self._carrier.feed(first)
        return self.engine

    def _make_carrier(self, engine: Engine) -> Carrier:
        return Carrier(
            engine,
            state=self._state,
            hands=self._around.hands,
            network=self._network(),
            secret_files=self._around.secret_files,
            state_changes=self._state_changes,
            instances=lambda: registration.instances(self._state),
            role=ExecutionRole(self._api, self._roles, self._around.config.region),
            log_lacks=lambda task, container: self._around.awslogs.lacks(task, container, self.cluster),
            send=self._send,
            publish_health=lambda: self._telemetry.publish_health() if self._telemetry is not None else None,
            log=self._log,
        )

    def _network(self) -> HostNetwork | None:
        """One for each data dir and cluster, found again after a restart."""
        if self._around.no_network is not None:
            return None
        rules = Rules(
            read=lambda: json.loads(self._state.fact(_RULES) or "[]"),
            write=lambda groups: self._state.set_fact_soon(_RULES, json.dumps(groups)),
        )
        return HostNetwork(owner(self._around.config.data_dir, self.cluster.rpartition("/")[2]), self._log, rules)

    def _settings(self) -> Settings:
        config = self._around.config
        return Settings(
            cluster=self.cluster,
            runtime=config.habits.fargate_runtime if self.cluster == FARGATE_POOL else config.habits.runtime,
            container_instance_arn=self.container_instance_arn,
            region=self._around.config.region,
            metadata_url=self._around.urls.metadata,
            host_metadata_url=self._around.urls.host_metadata,
            api_url=self._around.urls.api,
            log_relay=self._around.log_relay,
            host_api_url=self._around.urls.host_api,
            host_ports=self._around.config.habits.dynamic_host_port_range or hostports.dynamic_range(),
            cgroup_naming=cgroups.naming if (cgroups := self._around.hands.cgroups) is not None else None,
            image_pull_behavior=self._around.config.habits.image_pull_behavior,
            task_pids_limit=self._around.config.habits.task_pids_limit,
            container_metadata=self._around.config.habits.enable_container_metadata,
            metadata_dir=str(config.data_dir.resolve() / METADATA),
            secrets_dir=f"{self._around.secret_files.folder}/{self.cluster.rpartition('/')[2]}",
            zone=config.zone,
            dns_server=config.habits.dns_server,
            host_address=hostaddress.outgoing(),
            cleanup_wait=self._around.config.cleanup_wait,
        )

    def _make_telemetry(self, engine: Engine) -> Telemetry:
        return Telemetry(
            cluster=self.cluster,
            container_instance_arn=self.container_instance_arn,
            tasks=engine.tasks,
            usage=Usage(self._around.docker),
            signer=self._credentials,
        )

    def _make_sessions(self, engine: Engine, endpoints: Endpoints) -> Sessions:
        return Sessions(
            docker=self._around.docker,
            find=engine.tasks.get,
            url=endpoints.session_url,
            signer=self._credentials,
            is_docker_s_host=self._around.no_network is None,
            log=self._log,
        )

    def _endpoints(self) -> Endpoints:
        docker_version = str(self._around.info.get("ServerVersion", ""))
        return Endpoints(self._api, self.cluster, self.container_instance_arn, docker_version)

    def _acs_link(self, endpoints: Endpoints) -> Link:
        def opened() -> None:
            endpoints.connected()
            self._log("connected")

        return Link(
            url=endpoints.acs_url,
            signer=self._credentials,
            on_message=self._heard,
            on_open=opened,
            on_close=self._state_changes.closed,
            on_unknown=self._refused.set,
            on_inactive=self._found_inactive,
            manners=Manners(),
            log=self._log.bound(channel="ACS"),
        )

    def _tcs_link(self, endpoints: Endpoints, telemetry: Telemetry) -> Link:
        async def url() -> str:
            address = await endpoints.tcs_url()
            telemetry.opens(link, address)
            return address

        link = Link(
            url=url,
            signer=self._credentials,
            on_message=_passed_over,
            on_open=telemetry.opened,
            manners=_TCS_MANNERS,
            log=self._log.bound(channel="TCS"),
        )
        return link

    def _heard(self, message: Message) -> None:
        assert self._carrier is not None, "channels open after the engine was made"
        if message.type == acs.SESSION:
            if self._sessions is not None:
                self._sessions.begin(message.body)
            return
        if message.type == acs.STATE_CHANGE_ACK:
            self._state_changes.answered(message.body)
            return
        if message.type == acs.HEARTBEAT:
            self._state_changes.heartbeat(message.body)
        self._carrier.feed(e.Received(message=self._roles.take(message)))

    def _send(self, frame: str) -> None:
        if self._acs is not None:
            self._acs.send(frame)

    async def _forget_roles(self, engine: Engine) -> None:
        while True:
            await asyncio.sleep(_FORGET_EVERY_SECONDS)
            self._roles.keep(engine.tasks)

    def _found_inactive(self) -> None:
        self._is_inactive = True
        self._log("the control plane holds this container instance for inactive; its containers run on")


def _passed_over(message: Message) -> None:
    """Acknowledgements only tell that the channel lives, which it has noticed already."""
