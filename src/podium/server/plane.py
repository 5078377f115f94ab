"""The control plane put together: records, controllers, core. No door is open yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from podium.ecs import exec_sessions, limits
from podium.ecs.acs import links
from podium.ecs.controllers.alarms import AlarmController
from podium.ecs.controllers.attachments import AttachmentController
from podium.ecs.controllers.capacity_providers import CapacityProviderController
from podium.ecs.controllers.daemon_services import DaemonServiceController
from podium.ecs.controllers.daemons import DaemonController
from podium.ecs.controllers.draining import DrainingController
from podium.ecs.controllers.exec_sessions import ExecSessionController
from podium.ecs.controllers.histories import HistoryController
from podium.ecs.controllers.interfaces import InterfaceController
from podium.ecs.controllers.lost_instances import LostInstanceController
from podium.ecs.controllers.protections import ProtectionController
from podium.ecs.controllers.provisioning import ProvisioningController
from podium.ecs.controllers.reaper import Reaper
from podium.ecs.controllers.services import ServiceController
from podium.ecs.controllers.task_definitions import TaskDefinitionController
from podium.ecs.controllers.tasks import TaskController
from podium.ecs.eventing import Outbox
from podium.ecs.timing import Timing
from podium.elbv2.controllers import LoadBalancerController, TargetController
from podium.kernel.clock import Clock
from podium.kernel.ids import Ids
from podium.kms.controllers import KeyController
from podium.runtime.controller import Controller
from podium.runtime.core import Core
from podium.secretsmanager.controllers import SecretController
from podium.server.services import RECORDS, VIEWS
from podium.servicediscovery.controllers import OperationController
from podium.store.database import Database
from podium.store.session import Store


@dataclass(frozen=True, slots=True)
class Plane:
    core: Core
    services: ServiceController
    epoch: int


LOST_SHARE = 20
FIRST_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def _least_epoch(now: datetime) -> int:
    """The least epoch of a server that starts now, in hundredths of a second.

    An agent remembers the epoch in its largest number. A database that is new, emptied or
    restored would fall behind that if it only counted its own servers; the time does not.
    """
    return max(1, int((now - FIRST_EPOCH).total_seconds() * 100))


def _controllers(
    services: ServiceController, ids: Ids, timing: Timing, lost_share: int, began: datetime
) -> list[Controller]:
    """All but the services' own, which some of them call."""
    return [
        AlarmController(services),
        AttachmentController(ids, timing, services),
        TaskController(timing),
        TaskDefinitionController(timing),
        CapacityProviderController(),
        DaemonController(),
        DaemonServiceController(services),
        DrainingController(services),
        ExecSessionController(),
        HistoryController(timing),
        InterfaceController(ids),
        KeyController(),
        LoadBalancerController(),
        LostInstanceController(ids, timing, lost_share, began),
        OperationController(),
        ProtectionController(),
        ProvisioningController(services, ids),
        Reaper(timing),
        SecretController(ids),
        TargetController(began),
    ]


def assembled(
    database: Database,
    clock: Clock,
    ids: Ids,
    timing: Timing,
    lost_share: int = LOST_SHARE,
    events: bool = False,
    most: Mapping[str, int] = limits.AWS,
) -> Plane:
    """Take the database over, load it, and be ready to run. Raises StoreError.

    `lost_share` is the most of a cluster's hosts, in percent, whose tasks are declared lost at once. `events`: what
    happens is written down for EventBridge. `most` are the limits.
    """
    database.prepare(RECORDS)
    epoch = database.take_over(_least_epoch(clock.now()))
    store = Store(RECORDS, VIEWS)
    for kind in store.kinds():
        store.load(database.load(kind))
    services = ServiceController(ids, timing, most[limits.PROVISIONING])
    began, outbox = clock.now(), Outbox(ids) if events else None
    core = Core(store, [services, *_controllers(services, ids, timing, lost_share, began)], clock, outbox)
    core.write(lambda tx: links.all_disconnected(tx, began), lambda result, error: None)
    core.write(exec_sessions.all_ended, lambda result, error: None)
    return Plane(core, services, epoch)
