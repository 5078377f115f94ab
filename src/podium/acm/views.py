"""Certificates as the API shows them. Absent values are left out."""

import hashlib
from datetime import datetime
from typing import Any

from podium.acm.records import Certificate

View = dict[str, Any]
MAILBOXES = ("administrator", "hostmaster", "postmaster", "webmaster", "admin")
MOST_NAMES = 100


def status(record: Certificate, now: datetime) -> str:
    return "EXPIRED" if now >= record.not_after else "ISSUED"


def certificate(record: Certificate, now: datetime) -> View:
    return {
        "CertificateArn": record.arn,
        "DomainName": record.domain_name,
        "SubjectAlternativeNames": list(record.names),
        "Serial": record.serial,
        "Subject": record.subject,
        "Issuer": record.issuer,
        "CreatedAt": record.created_at,
        "Status": status(record, now),
        "NotBefore": record.not_before,
        "NotAfter": record.not_after,
        "KeyAlgorithm": record.key_algorithm,
        "SignatureAlgorithm": record.signature_algorithm,
        "InUseBy": users(record),
        "KeyUsages": [{"Name": name} for name in record.key_usages],
        "ExtendedKeyUsages": [
            {"Name": name, **({"OID": oid} if oid else {})} for name, oid in record.extended_key_usages
        ],
        "RenewalEligibility": "INELIGIBLE",
        "Options": {"CertificateTransparencyLoggingPreference": record.transparency},
        **(_imported(record) if record.imported_at is not None else _issued(record)),
    }


def _imported(record: Certificate) -> View:
    return {"Type": "IMPORTED", "ImportedAt": record.imported_at}


def _issued(record: Certificate) -> View:
    return {
        "Type": "AMAZON_ISSUED",
        "IssuedAt": record.issued_at,
        "DomainValidationOptions": [_validation(record, name) for name in record.names],
    }


def _validation(record: Certificate, name: str) -> View:
    """How the domain would have been proved to be the user's: nobody looked."""
    shown: View = {
        "DomainName": name,
        "ValidationDomain": record.validation_domains.get(name, name),
        "ValidationStatus": "SUCCESS",
        "ValidationMethod": record.validation_method,
    }
    if record.validation_method == "DNS":
        return {**shown, "ResourceRecord": _record(record, name)}
    return {**shown, "ValidationEmails": [f"{box}@{shown['ValidationDomain']}" for box in MAILBOXES]}


def _record(record: Certificate, name: str) -> View:
    """The same for a name with and without `*.`, as on AWS."""
    bare = name.removeprefix("*.")
    asked, answer = (hashlib.sha256(f"{text} {record.home} {bare}".encode()).hexdigest()[:32] for text in "qa")
    return {"Name": f"_{asked}.{bare}.", "Type": "CNAME", "Value": f"_{answer}.acm-validations.aws."}


def users(record: Certificate) -> list[str]:
    """The load balancers whose listeners have it."""
    owners = (arn.replace(":listener/", ":loadbalancer/", 1).rpartition("/")[0] for arn in record.used_by)
    return list(dict.fromkeys(owners))


def summary(record: Certificate, now: datetime) -> View:
    own = {"ImportedAt": record.imported_at} if record.imported_at else {"IssuedAt": record.issued_at}
    return {
        "CertificateArn": record.arn,
        "DomainName": record.domain_name,
        "SubjectAlternativeNameSummaries": list(record.names)[:MOST_NAMES],
        "HasAdditionalSubjectAlternativeNames": len(record.names) > MOST_NAMES,
        "Status": status(record, now),
        "Type": "IMPORTED" if record.imported_at else "AMAZON_ISSUED",
        "KeyAlgorithm": record.key_algorithm,
        "KeyUsages": list(record.key_usages),
        "ExtendedKeyUsages": [name for name, _ in record.extended_key_usages],
        "InUse": bool(record.used_by),
        "RenewalEligibility": "INELIGIBLE",
        "NotBefore": record.not_before,
        "NotAfter": record.not_after,
        "CreatedAt": record.created_at,
        **own,
    }


def tags(held: dict[str, str]) -> list[View]:
    return [{"Key": key, "Value": value} for key, value in held.items()]
