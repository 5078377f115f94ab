"""What Envoy writes down of each request, for load balancers that keep access logs: one object of JSON a line.

The lines of all of them go into one file, told apart by what the routes say of themselves. `podium_proxy.access_logs`
reads it.
"""

from typing import Any

from podium_protocol.proxy import Listener, LoadBalancer

FILE = "access.log"  # in the data dir, where Envoy runs
_FILE_LOG = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog"
_OWN = "podium"

Resource = dict[str, Any]


def are_wanted(balancer: LoadBalancer) -> bool:
    """Of a Network Load Balancer there are none here."""
    return balancer["type"] == "application" and balancer["attributes"].get("access_logs.s3.enabled") == "true"


def logger(listener: Listener | None) -> Resource:
    """Of a listener; None where several share it, so that what reaches no route of theirs is nobody's.

    Durations are in microseconds; what there is not is null.
    """
    own = {"listener": listener["arn"], "port": str(listener["port"])} if listener is not None else {}
    log = {"@type": _FILE_LOG, "path": FILE, "log_format": {"json_format": {**_FORMAT, **own}}}
    return {"name": "envoy.access_loggers.file", "typed_config": log}


def of_route(listener: Listener, priority: int | None, actions: list[dict[str, Any]]) -> Resource:
    """What a route adds. `priority` is the rule's as the log tells it, `actions` what it does."""
    own = {
        "listener": listener["arn"],
        "port": str(listener["port"]),
        "priority": "-1" if priority is None else str(priority),
        "actions": ",".join(action["Type"] for action in actions) or "-",
    }
    return {"metadata": {"filter_metadata": {_OWN: own}}}


_FORMAT = {
    "listener": f"%METADATA(ROUTE:{_OWN}:listener)%",
    "port": f"%METADATA(ROUTE:{_OWN}:port)%",
    "priority": f"%METADATA(ROUTE:{_OWN}:priority)%",
    "actions": f"%METADATA(ROUTE:{_OWN}:actions)%",
    "began": "%START_TIME(%s.%6f)%",
    "lasted": "%COMMON_DURATION(DS_RX_BEG:DS_TX_END:us)%",
    "to_target": "%COMMON_DURATION(DS_RX_BEG:US_TX_BEG:us)%",
    "at_target": "%COMMON_DURATION(US_TX_BEG:US_RX_BEG:us)%",
    "to_client": "%COMMON_DURATION(US_RX_BEG:DS_TX_BEG:us)%",
    "client": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS%",
    "target": "%UPSTREAM_HOST%",
    "group": "%UPSTREAM_CLUSTER_RAW%",
    "status": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "flags": "%RESPONSE_FLAGS%",
    "received": "%DOWNSTREAM_WIRE_BYTES_RECEIVED%",
    "sent": "%DOWNSTREAM_WIRE_BYTES_SENT%",
    "method": "%REQ(:METHOD)%",
    "scheme": "%REQ(:SCHEME)%",
    "authority": "%REQ(:AUTHORITY)%",
    "path": "%REQ(:PATH)%",
    "protocol": "%PROTOCOL%",
    "upgrade": "%REQ(UPGRADE)%",
    "content_type": "%REQ(CONTENT-TYPE)%",
    "agent": "%REQ(USER-AGENT)%",
    "trace": "%REQ(X-AMZN-TRACE-ID)%",
    "location": "%RESP(LOCATION)%",
    "cipher": "%DOWNSTREAM_TLS_CIPHER%",
    "tls": "%DOWNSTREAM_TLS_VERSION%",
    "server_name": "%REQUESTED_SERVER_NAME%",
    "connection": "%CONNECTION_ID%",
}
