"""The security policies that HTTPS and TLS listeners may have.

Which protocols and ciphers each allows is what Envoy is told; the names and their contents are AWS's.
Source: User Guide for Application Load Balancers, "Security policies".
"""

from dataclasses import dataclass

DEFAULT = "ELBSecurityPolicy-2016-08"
ALPN = ("HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None")

_TLS13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
_FORWARD_GCM = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
)
_FORWARD_256 = (
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
)
_FORWARD_SHA = (
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-RSA-AES256-SHA",
    "ECDHE-ECDSA-AES256-SHA",
)
_PLAIN = ("AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256")
_PLAIN_SHA = ("AES128-SHA", "AES256-SHA")
_ALL = (*_FORWARD_GCM, *_FORWARD_256, *_FORWARD_SHA, *_PLAIN, *_PLAIN_SHA)
_FROM_10, _FROM_11, _FROM_12 = ("TLSv1", "TLSv1.1", "TLSv1.2"), ("TLSv1.1", "TLSv1.2"), ("TLSv1.2",)


@dataclass(frozen=True, slots=True)
class SslPolicy:
    name: str
    protocols: tuple[str, ...]
    ciphers: tuple[str, ...]


def _with_13(name: str, older: tuple[str, ...], ciphers: tuple[str, ...]) -> SslPolicy:
    return SslPolicy(f"ELBSecurityPolicy-TLS13-{name}-2021-06", (*older, "TLSv1.3"), (*_TLS13, *ciphers))


POLICIES = {
    policy.name: policy
    for policy in (
        SslPolicy(DEFAULT, _FROM_10, _ALL),
        _with_13("1-3", (), ()),
        _with_13("1-2", _FROM_12, (*_FORWARD_GCM, *_FORWARD_256)),
        _with_13("1-2-Res", _FROM_12, _FORWARD_GCM),
        _with_13("1-2-Ext1", _FROM_12, (*_FORWARD_GCM, *_FORWARD_256, *_PLAIN)),
        _with_13("1-2-Ext2", _FROM_12, _ALL),
        _with_13("1-1", _FROM_11, _ALL),
        _with_13("1-0", _FROM_10, _ALL),
        SslPolicy("ELBSecurityPolicy-TLS-1-2-2017-01", _FROM_12, (*_FORWARD_GCM, *_FORWARD_256, *_PLAIN)),
        SslPolicy("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", _FROM_12, _ALL),
        SslPolicy("ELBSecurityPolicy-TLS-1-1-2017-01", _FROM_11, _ALL),
        SslPolicy("ELBSecurityPolicy-FS-2018-06", _FROM_10, (*_FORWARD_GCM, *_FORWARD_256, *_FORWARD_SHA)),
        SslPolicy("ELBSecurityPolicy-FS-1-1-2019-08", _FROM_11, (*_FORWARD_GCM, *_FORWARD_256, *_FORWARD_SHA)),
        SslPolicy("ELBSecurityPolicy-FS-1-2-2019-08", _FROM_12, (*_FORWARD_GCM, *_FORWARD_256, *_FORWARD_SHA)),
        SslPolicy("ELBSecurityPolicy-FS-1-2-Res-2019-08", _FROM_12, (*_FORWARD_GCM, *_FORWARD_256)),
        SslPolicy("ELBSecurityPolicy-FS-1-2-Res-2020-10", _FROM_12, _FORWARD_GCM),
        SslPolicy("ELBSecurityPolicy-2015-05", _FROM_10, _ALL),
    )
}
