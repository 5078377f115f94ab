"""What a cluster may be told, and what hangs on it.

Source: Amazon ECS API Reference, ClusterSetting, ExecuteCommandConfiguration and Attachment; of the sentences,
answers of the real service.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from podium.ecs.errors import InvalidParameter, NamespaceNotFound
from podium.ecs.records import CapacityProvider, Cluster
from podium.ecs.rules import choices
from podium.kernel.ids import Ids

Attachments = tuple[dict[str, Any], ...]
INSIGHTS = ("disabled", "enabled", "enhanced")
SERVICE_CONNECT = "sc"
NO_GROUPS = "Podium has no Auto Scaling groups yet: nothing launches, protects or drains instances of this provider."
NO_NAMESPACES = "Podium has no Cloud Map yet: the namespace was not made."


def settings(given: Iterable[Mapping[str, str]] | None) -> tuple[dict[str, str], ...]:
    found = tuple({"name": s.get("name", ""), "value": s.get("value", "")} for s in given or ())
    for setting in found:
        choices.one_of("name", setting["name"], ("containerInsights",))
        choices.one_of("value", setting["value"], INSIGHTS)
    return found


def configuration(given: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """As stored. Where ECS Exec logs to may be said when it is to override, and must be then."""
    if given is None:
        return None
    if given.get("executeCommandConfiguration") is None:
        return dict(given)
    execute = {"logging": "DEFAULT", **given["executeCommandConfiguration"]}
    where = execute.get("logConfiguration")
    overrides = choices.one_of("logging", execute["logging"], ("NONE", "DEFAULT", "OVERRIDE")) == "OVERRIDE"
    if where and not overrides:
        raise InvalidParameter("You must set logging to 'OVERRIDE' when you supply a log configuration")
    if overrides and not {"cloudWatchLogGroupName", "s3BucketName"} & set(where or {}):
        raise InvalidParameter(
            "A CloudWatch log group name or S3 bucket name must be specified when overriding the default "
            "log configuration."
        )
    return {**given, "executeCommandConfiguration": execute}


def namespace(given: Mapping[str, str] | None) -> dict[str, str] | None:
    """The Service Connect default as stored. There is no Cloud Map, so that an ARN names nothing."""
    name = (given or {}).get("namespace")
    if name and name.startswith("arn:"):
        raise NamespaceNotFound
    return {"namespace": name} if name else None


def attachments(ids: Ids, cluster: Cluster, providers: Sequence[CapacityProvider]) -> Attachments:
    """What the cluster's Auto Scaling groups and its namespace would need, each FAILED with the reason.

    One that was there keeps its id. A namespace that is no longer the default stays, DELETED.
    """
    wanted = [(kind, "capacityProviderName", p.name, NO_GROUPS) for p in providers for kind in _needs(p)]
    if cluster.service_connect_defaults:
        wanted.append((SERVICE_CONNECT, "namespace", cluster.service_connect_defaults["namespace"], NO_NAMESPACES))
    known = {_of(a): a["id"] for a in cluster.attachments}
    made = [_attachment(known.get((kind, name)) or ids.uuid(), kind, key, name, why) for kind, key, name, why in wanted]
    kept = {a["id"] for a in made}
    gone = [a for a in cluster.attachments if a["type"] == SERVICE_CONNECT and a["id"] not in kept]
    return (*made, *({**a, "status": "DELETED"} for a in gone))


def attachments_status(found: Attachments) -> str | None:
    """That of the capacity providers' alone."""
    return "UPDATE_FAILED" if any(a["type"] != SERVICE_CONNECT for a in found) else None


def _needs(provider: CapacityProvider) -> list[str]:
    group = provider.auto_scaling_group or {}
    scaled = (group.get("managedScaling") or {}).get("status") == "ENABLED"
    drained = group.get("managedDraining") == "ENABLED"
    return ["as_policy"] * scaled + ["managed_draining"] * drained


def _of(attachment: Mapping[str, Any]) -> tuple[str, str]:
    return attachment["type"], attachment["details"][0]["value"]


def _attachment(id: str, kind: str, key: str, name: str, why: str) -> dict[str, Any]:
    details = [{"name": key, "value": name}, {"name": "reason", "value": why}]
    return {"id": id, "type": kind, "status": "FAILED", "details": details}
