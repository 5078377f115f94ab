"""Resources as protobuf. This module alone knows that Envoy's generated classes exist."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.endpoint.v3.endpoint_pb2 import ClusterLoadAssignment
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.access_loggers.file.v3 import file_pb2 as _file  # noqa: F401
from envoy.extensions.access_loggers.filters.cel.v3 import cel_pb2 as _cel  # noqa: F401
from envoy.extensions.filters.http.lua.v3 import lua_pb2 as _lua  # noqa: F401
from envoy.extensions.filters.http.router.v3 import router_pb2 as _router  # noqa: F401
from envoy.extensions.filters.http.stateful_session.v3 import stateful_session_pb2 as _session  # noqa: F401
from envoy.extensions.filters.listener.tls_inspector.v3 import tls_inspector_pb2 as _inspector  # noqa: F401
from envoy.extensions.filters.network.http_connection_manager.v3 import (
    http_connection_manager_pb2 as _manager,  # noqa: F401
)
from envoy.extensions.filters.network.tcp_proxy.v3 import tcp_proxy_pb2 as _tcp  # noqa: F401
from envoy.extensions.http.early_header_mutation.header_mutation.v3 import header_mutation_pb2 as _early  # noqa: F401
from envoy.extensions.http.stateful_session.cookie.v3 import cookie_pb2 as _cookie  # noqa: F401
from envoy.extensions.retry.host.previous_hosts.v3 import previous_hosts_pb2 as _previous  # noqa: F401
from envoy.extensions.transport_sockets.tls.v3 import tls_pb2 as _tls  # noqa: F401
from envoy.extensions.transport_sockets.tls.v3.secret_pb2 import Secret
from envoy.extensions.upstreams.http.v3 import http_protocol_options_pb2 as _upstream  # noqa: F401
from google.protobuf.any_pb2 import Any as Packed

from podium_proxy.envoy.filling import filled

# The imports that nothing names are what `@type` in a resource may stand for.


class Kind(StrEnum):
    """Kinds of resources, by what Envoy calls them."""

    CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
    ENDPOINTS = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
    LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener"
    ROUTES = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
    SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"  # noqa: S105


CLASSES = {
    Kind.CLUSTER: Cluster,
    Kind.ENDPOINTS: ClusterLoadAssignment,
    Kind.LISTENER: Listener,
    Kind.ROUTES: RouteConfiguration,
    Kind.SECRET: Secret,
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Packet:
    """A resource as it is sent. Equal content has an equal version, in any process."""

    version: str
    content: Any


def pack(kind: Kind, resource: dict[str, Any]) -> Packet:
    """Raises FillingError when the resource is not of its kind: a bug, or a value that Envoy has no room for."""
    return _sealed(filled(CLASSES[kind](), resource))


def host_in_routes(resource: dict[str, Any], domains: list[str]) -> bytes:
    """A virtual host as its part of a route configuration, with the domains that are its own there."""
    found = RouteConfiguration()
    filled(found.virtual_hosts.add(), {**resource, "domains": domains})
    return bytes(found.SerializeToString(deterministic=True))


def pack_routes(name: str, hosts: list[bytes]) -> Packet:
    """A route configuration of such parts: serialized messages that follow on one another are one message."""
    head = RouteConfiguration(name=name, ignore_port_in_host_matching=True).SerializeToString(deterministic=True)
    content = Packed(type_url=f"type.googleapis.com/{RouteConfiguration.DESCRIPTOR.full_name}")
    content.value = b"".join([head, *hosts])
    return _versioned(content)


def _sealed(message: Any) -> Packet:
    content = Packed()
    content.Pack(message, deterministic=True)
    return _versioned(content)


def _versioned(content: Any) -> Packet:
    return Packet(version=hashlib.sha256(content.value).hexdigest()[:24], content=content)
