"""What a service's tasks are reached by: load balancers, registries, Service Connect, VPC Lattice, gateways.

Source: Amazon ECS API Reference, LoadBalancer, ServiceRegistry, ServiceConnectConfiguration, GatewayConnector.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from podium.ecs.errors import Client, InvalidParameter, NamespaceNotFound
from podium.ecs.records import Cluster, TaskDefinition
from podium.ecs.rules.task_definitions import logs

Given = Mapping[str, Any]
MOST_TARGET_GROUPS, MOST_REGISTRIES, MOST_ALIASES = 5, 1, 1
LISTENER_OR_RULE = re.compile(r"arn:[^:]+:elasticloadbalancing:[^:]*:\d{12}:(listener-rule/app|listener/net)/\S+")
DISCOVERY_NAME = re.compile(r"[a-z0-9_-]{1,64}")


def load_balancers(given: Sequence[Given], definition: TaskDefinition | None, runs_on: str, strategy: str) -> None:
    """Whether every entry names a container's port, and they go together. Raises InvalidParameter.

    `strategy` is the deployment strategy. Without a definition (controller EXTERNAL) containers are not looked at.
    """
    if len(given) > MOST_TARGET_GROUPS:
        raise InvalidParameter(f"loadBalancers can have at most {MOST_TARGET_GROUPS} items.")
    for entry in given:
        _kind(entry, definition, runs_on)
        if definition is not None:
            container_port(entry, definition)
    if len({bool(entry.get("loadBalancerName")) for entry in given}) > 1:
        raise InvalidParameter(
            "All loadBalancers must be strictly either ELBv1 (defining loadBalancerName) or ELBv2 "
            "(defining targetGroupArn)"
        )
    pairs = [(e.get("targetGroupArn"), e.get("containerName"), e.get("containerPort")) for e in given]
    for pair in pairs:
        if pairs.count(pair) > 1:
            raise InvalidParameter(f"Duplicate targetGroupArn found: {pair[0]}")
    _advanced(given, strategy)


def _kind(entry: Given, definition: TaskDefinition | None, runs_on: str) -> None:
    classic, group = entry.get("loadBalancerName"), entry.get("targetGroupArn")
    if bool(classic) == bool(group):
        verb = "cannot both be specified" if classic else "cannot both be empty"
        raise InvalidParameter(
            f"loadBalancerName and targetGroupArn {verb}. You must specify either a loadBalancerName or a "
            "targetGroupArn in all loadBalancer entries"
        )
    if runs_on == "EXTERNAL":
        raise InvalidParameter("Load balancers are not supported with EXTERNAL launch type.")
    if classic and runs_on == "FARGATE":
        raise InvalidParameter("Classic Load Balancers are not supported with Fargate")
    if classic and definition is not None and definition.document.get("networkMode") == "awsvpc":
        raise InvalidParameter("Classic Load Balancers are not supported with the awsvpc network mode.")


def container_port(entry: Given, definition: TaskDefinition) -> None:
    """Registries obey the same rule."""
    name, port = entry.get("containerName"), entry.get("containerPort")
    container = next((c for c in definition.containers if c["name"] == name), None)
    if container is None:
        raise InvalidParameter(f"The container {name} does not exist in the task definition.")
    mapped = [m for m in container["portMappings"] if m.get("containerPort") == port]
    if not mapped:
        raise InvalidParameter(f"The container {name} did not have a container port {port} defined.")
    if len(mapped) > 1:
        raise InvalidParameter(f"Container port {port} is used in more than one port mapping for container {name}")


def _advanced(given: Sequence[Given], strategy: str) -> None:
    advanced = [e["advancedConfiguration"] for e in given if e.get("advancedConfiguration")]
    if advanced and any(e.get("loadBalancerName") for e in given):
        raise InvalidParameter("advancedConfiguration field is not allowed with ELBv1 loadBalancers")
    if advanced and len(advanced) < len(given):
        raise InvalidParameter(
            "Either all or none of the provided loadBalancers must have advancedConfiguration defined"
        )
    if given and not advanced and strategy != "ROLLING":
        raise InvalidParameter(
            "advancedConfiguration field is required for all loadBalancers when using a non-ROLLING deployment strategy"
        )
    _listeners(advanced)
    _target_groups(given)


def _listeners(advanced: Sequence[Given]) -> None:
    names = ("productionListenerRule", "testListenerRule")
    for entry in advanced:
        for name in names:
            if (arn := entry.get(name)) and not LISTENER_OR_RULE.fullmatch(arn):
                raise InvalidParameter(
                    f"{name} has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: {arn}"
                )
    production, test = ({e[name] for e in advanced if e.get(name)} for name in names)
    if both := sorted(production & test):
        raise InvalidParameter(
            f"The following rules cannot be used as both production and test listener rules: {', '.join(both)}"
        )


def _target_groups(given: Sequence[Given]) -> None:
    pairs = [(e.get("targetGroupArn"), (e.get("advancedConfiguration") or {})) for e in given]
    named = [g for group, advanced in pairs for g in (group, advanced.get("alternateTargetGroupArn")) if advanced]
    for arn in filter(None, named):
        if named.count(arn) > 1:
            raise InvalidParameter(f"Duplicate targetGroupArn found: {arn}")


def registries(given: Sequence[Given], definition: TaskDefinition | None, runs_on: str) -> None:
    if len(given) > MOST_REGISTRIES:
        raise InvalidParameter(f"serviceRegistries can have at most {MOST_REGISTRIES} items.")
    if given and runs_on == "EXTERNAL":
        raise InvalidParameter("Service registries are not supported with EXTERNAL launch type.")
    for entry in given:
        if not entry.get("registryArn"):
            raise InvalidParameter("registryArn can not be blank.")
        if entry.get("port") and entry.get("containerPort"):
            raise InvalidParameter("Only one of port and containerPort can be specified for a service registry.")
        if definition is not None:
            _registry(entry, definition)


def _registry(entry: Given, definition: TaskDefinition) -> None:
    mode = definition.document.get("networkMode") or "bridge"
    if mode == "none":
        raise InvalidParameter("Service registries are not supported with the none network mode.")
    if entry.get("containerName") or entry.get("containerPort"):
        container_port(entry, definition)
    elif mode != "awsvpc":
        raise InvalidParameter(
            f"containerName and containerPort must be specified for service registries with the {mode} network mode."
        )


def service_connect(
    given: Given | None, cluster: Cluster, definition: TaskDefinition | None, runs_on: str
) -> dict[str, Any] | None:
    """As stored: with the cluster's namespace unless it names one. Raises InvalidParameter or NamespaceNotFound."""
    if not given:
        return None
    stored = dict(given)
    if any(len(configuration) != 1 for configuration in given.get("containerConfigurations") or ()):
        raise InvalidParameter("Each of containerConfigurations must specify exactly one setting.")
    if not given["enabled"]:
        return stored
    namespace = given.get("namespace") or (cluster.service_connect_defaults or {}).get("namespace")
    if not namespace:
        raise InvalidParameter(
            "A namespace must be specified for Service Connect, or be the cluster's default. "
            "Specify a namespace and try again."
        )
    if given.get("namespace", "").startswith("arn:"):
        raise NamespaceNotFound
    if definition is not None:
        _connected(given.get("services") or (), definition, runs_on)
    if log := given.get("logConfiguration"):
        try:
            logs.log_configuration(log)
        except Client as error:
            raise InvalidParameter(str(error)) from error
    return {**stored, "namespace": namespace}


def _connected(services: Sequence[Given], definition: TaskDefinition, runs_on: str) -> None:
    mode = definition.document.get("networkMode") or "bridge"
    if mode not in ("bridge", "awsvpc") or runs_on == "EXTERNAL":
        what = "EXTERNAL launch type" if runs_on == "EXTERNAL" else f"the {mode} network mode"
        raise InvalidParameter(f"Service Connect is not supported with {what}.")
    discovery = [s.get("discoveryName") or s["portName"] for s in services]
    for service, name in zip(services, discovery, strict=True):
        mapping = named_port(service["portName"], definition)
        if not DISCOVERY_NAME.fullmatch(name):
            raise InvalidParameter(f"Invalid discoveryName '{name}'.")
        if discovery.count(name) > 1:
            raise InvalidParameter(f"Duplicate discoveryName found: {name}")
        if len(service.get("clientAliases") or ()) > MOST_ALIASES:
            raise InvalidParameter(f"clientAliases can have at most {MOST_ALIASES} items.")
        if service.get("ingressPortOverride") and mode != "awsvpc":
            raise InvalidParameter("ingressPortOverride is only supported with the awsvpc network mode.")
        if (service.get("timeout") or {}).get("perRequestTimeoutSeconds") and "appProtocol" not in mapping:
            raise InvalidParameter("perRequestTimeoutSeconds is not supported when the appProtocol is TCP.")


def named_port(name: str, definition: TaskDefinition) -> Given:
    """The port mapping of that name. Raises InvalidParameter."""
    for container in definition.containers:
        for mapping in container["portMappings"]:
            if mapping.get("name") == name:
                found: Given = mapping
                if sum(m.get("containerPort") == mapping.get("containerPort") for m in container["portMappings"]) > 1:
                    raise InvalidParameter(
                        f"Container port {mapping.get('containerPort')} is used in more than one port mapping for "
                        f"container {container['name']}"
                    )
                return found
    raise InvalidParameter(f"The port name '{name}' does not exist in the task definition.")


def named_ports(entries: Iterable[Given], definition: TaskDefinition | None) -> None:
    """VPC Lattice configurations and gateway connectors name ports of the definition."""
    for entry in entries:
        if definition is not None:
            named_port(entry["portName"], definition)
