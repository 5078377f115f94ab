"""What listeners that end TLS are asked for: certificates, a security policy, ALPN.

Source: Elastic Load Balancing API Reference, CreateListener and AddListenerCertificates.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from podium import acm
from podium.elbv2 import ssl_policies
from podium.elbv2.errors import (
    AlpnPolicyNotFound,
    CertificateNotFound,
    Invalid,
    NotYet,
    SslPolicyNotFound,
    TooManyCertificates,
)
from podium.elbv2.records import Listener
from podium.store.session import Transaction


def none_of_it(protocol: str, request: Mapping[str, Any]) -> None:
    """Raises Invalid when a listener without TLS is asked for any of it."""
    for member, said in (
        ("Certificates", "A certificate"),
        ("SslPolicy", "An SSL policy"),
        ("AlpnPolicy", "An ALPN policy"),
    ):
        if request.get(member):
            raise Invalid(f"{said} cannot be specified for {protocol} listeners")


def default_certificate(protocol: str, given: Sequence[Mapping[str, Any]] | None, before: Listener | None) -> str:
    """The one certificate that the request names, or the one that the listener has. Raises Invalid."""
    if not given:
        if before is not None:
            return before.certificate_arns[0]
        raise Invalid(f"A certificate must be specified for {protocol} listeners")
    if len(given) > 1:
        raise TooManyCertificates("A listener can be given only one certificate: add others to it afterwards")
    arn = given[0].get("CertificateArn")
    if given[0].get("IsDefault") is not None:
        raise Invalid("IsDefault cannot be specified for a listener's certificate")
    if not arn:
        raise Invalid("A certificate ARN must be specified")
    return str(arn)


def certificate(tx: Transaction, home: str, arn: str) -> None:
    """Raises Invalid for what is no certificate's ARN, and CertificateNotFound."""
    parts = arn.split(":")
    if len(parts) < 6 or parts[2] not in ("acm", "iam"):
        raise Invalid(f"Certificate ARN '{arn}' is not valid")
    if acm.find_certificate(tx, home, arn) is None:
        raise CertificateNotFound(arn)


def policy(name: str | None) -> str:
    if name is None:
        return ssl_policies.DEFAULT
    if name not in ssl_policies.POLICIES:
        raise SslPolicyNotFound(name)
    return name


def alpn(protocol: str, given: Sequence[str] | None, before: tuple[str, ...]) -> tuple[str, ...]:
    if not given:
        return before
    if protocol != "TLS":
        raise Invalid(f"An ALPN policy cannot be specified for {protocol} listeners")
    if len(given) > 1:
        raise Invalid("Only one ALPN policy can be specified")
    if given[0] not in ssl_policies.ALPN:
        raise AlpnPolicyNotFound(given[0])
    return tuple(given)


def mutual(protocol: str, given: Mapping[str, Any] | None) -> None:
    """Clients' certificates are not looked at yet."""
    if not given or given.get("Mode") in (None, "off"):
        return
    if protocol != "HTTPS":
        raise Invalid(f"Mutual authentication cannot be specified for {protocol} listeners")
    raise NotYet("mutual authentication")
