"""Gives awsvpc tasks their network interfaces, and takes them back when nothing of the task runs any more.

Source: Amazon ECS Developer Guide, "Amazon ECS task lifecycle": PROVISIONING and DEPROVISIONING.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from podium import ec2
from podium.ecs import lifecycle, networking
from podium.ecs.lifecycle import Event
from podium.ecs.records import ContainerInstance, StopCode, Task, TaskStatus
from podium.kernel.errors import ClientError
from podium.kernel.ids import Ids
from podium.store.records import replace
from podium.store.session import Change, Transaction

REFUSED = (
    "Unexpected EC2 error while attempting to Create Network Interface with public IP assignment {} in subnet '{}': {}"
)


class InterfaceController:
    name = "ecs.interfaces"
    kinds = (Task,)

    def __init__(self, ids: Ids) -> None:
        self._ids = ids

    def keys(self, change: Change) -> Iterable[str]:
        if isinstance(change.after, Task) and (_wants_one(change.after) or _is_done_with_it(change.after)):
            yield change.key

    def all_keys(self, tx: Transaction) -> Iterable[str | None]:
        return (t.arn if _wants_one(t) or _is_done_with_it(t) else None for t in tx.list(Task))

    def reconcile(self, tx: Transaction, key: str, now: datetime) -> datetime | None:
        task = tx.get(Task, key)
        if task is not None and _wants_one(task):
            tx.put(self._attached(tx, task, now))
        elif task is not None and _is_done_with_it(task):
            tx.put(_released(tx, task, now))
        return None

    def _attached(self, tx: Transaction, task: Task, now: datetime) -> Task:
        """The task with its interface, PENDING; or on its way to STOPPED, with EC2's reason."""
        interface, *volumes = task.attachments
        subnet, public = _detail(interface, "subnetId"), task.network.get("assignPublicIp") == "ENABLED"
        try:
            made = self._made(tx, task, interface["id"], subnet, public, now)
        except ClientError as error:
            reason = REFUSED.format("enabled" if public else "disabled", subnet, error.code)
            return lifecycle.asked_to_stop(task, StopCode.TASK_FAILED_TO_START, reason, now)
        attached = networking.attachment(interface["id"], made)
        task = replace(task, interface_id=made.id, attachments=(attached, *volumes), connected_at=now)
        return lifecycle.advance(task, Event.PLACED, now)

    def _made(
        self, tx: Transaction, task: Task, attachment: str, subnet: str, public: bool, now: datetime
    ) -> ec2.NetworkInterface:
        made = ec2.create_interface(
            tx,
            task.home,
            self._ids,
            now,
            subnet_id=subnet,
            group_ids=task.network.get("securityGroups", ()),
            description=f"{task.arn.partition(':task/')[0]}:attachment/{attachment}",
            requester="ecs",
            tags=_tags(task),
            assign_public_ip=public,
        )
        return ec2.attach_interface(
            tx, task.home, self._ids, now, interface_id=made.id, instance_id=_instance_id(tx, task)
        )


def _wants_one(task: Task) -> bool:
    placed = task.last_status is TaskStatus.PROVISIONING and task.container_instance_arn is not None
    wanted = placed and bool(task.network) and task.interface_id is None
    return wanted and task.desired_status is not TaskStatus.STOPPED


def _is_done_with_it(task: Task) -> bool:
    return task.interface_id is not None and task.last_status is TaskStatus.DEPROVISIONING


def _released(tx: Transaction, task: Task, now: datetime) -> Task:
    assert task.interface_id is not None, "only what there is can be given back"
    ec2.release_interface(tx, task.home, task.interface_id)
    interface, *others = task.attachments
    task = replace(task, interface_id=None, attachments=({**interface, "status": "DELETED"}, *others))
    return lifecycle.cleaned(task, now)


def _instance_id(tx: Transaction, task: Task) -> str | None:
    """None for an instance that users do not see."""
    instance = tx.get(ContainerInstance, task.container_instance_arn or "")
    return None if instance is None or task.launch_type == "FARGATE" else instance.ec2_instance_id


def _tags(task: Task) -> dict[str, str]:
    tags = {"aws:ecs:clusterName": task.cluster_arn.rpartition("/")[2]}
    return {**tags, "aws:ecs:serviceName": task.group.removeprefix("service:")} if task.service_arn else tags


def _detail(attachment: Mapping[str, Any], name: str) -> str:
    return str(next(d["value"] for d in attachment["details"] if d["name"] == name))
