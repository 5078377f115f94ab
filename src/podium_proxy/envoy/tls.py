"""Certificates and what an SSL policy means.

Source: Elastic Load Balancing User Guide, "Security policies for your Application Load Balancer".
"""

import re
from typing import Any

from podium_protocol.proxy import Certificate, Listener

_CONTEXT = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"
_FORWARD = [
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
]
_FORWARD_CBC = ["ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA"]
_PLAIN = ["AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA"]


def secret(certificate: Certificate) -> dict[str, Any]:
    return {
        "name": certificate["arn"],
        "tls_certificate": {
            "certificate_chain": {"inline_string": certificate["chain"]},
            "private_key": {"inline_string": certificate["key"]},
        },
    }


def transport(listener: Listener, protocols: list[str]) -> dict[str, Any]:
    """The certificates by name only: their content changes without the listener. Envoy chooses among them by SNI."""
    sds = [
        {"name": c["arn"], "sds_config": {"ads": {}, "resource_api_version": "V3"}} for c in listener["certificates"]
    ]
    common: dict[str, Any] = {"tls_params": parameters(listener.get("ssl_policy") or "")}
    common["tls_certificate_sds_secret_configs"] = sds
    if protocols:
        common["alpn_protocols"] = protocols
    return {
        "name": "envoy.transport_sockets.tls",
        "typed_config": {"@type": _CONTEXT, "common_tls_context": common},
    }


def parameters(policy: str) -> dict[str, Any]:
    """The oldest and newest version of TLS that `policy` allows, and its ciphers, strongest first."""
    if "TLS13-1-3" in policy:
        return {"tls_minimum_protocol_version": "TLSv1_3", "tls_maximum_protocol_version": "TLSv1_3"}
    found: dict[str, Any] = {"tls_minimum_protocol_version": _oldest(policy)}
    if "TLS13" not in policy:
        found["tls_maximum_protocol_version"] = "TLSv1_2"
    ciphers = [*_FORWARD]
    if "Res" not in policy:
        ciphers += _FORWARD_CBC
    if "Res" not in policy and "FS" not in policy and not ("TLS13-1-2" in policy and "Ext" not in policy):
        ciphers += _PLAIN
    found["cipher_suites"] = ciphers
    return found


def _oldest(policy: str) -> str:
    found = re.search(r"TLS(?:13)?-1-([0-3])", policy)
    return f"TLSv1_{found[1]}" if found else "TLSv1_0"
