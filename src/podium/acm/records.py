"""Certificates, and the authority that issues them."""

from datetime import datetime

from podium.store.records import record


@record(table="acm_authorities")
class Authority:
    """Who issues an account's certificates. `arn` is partition and account. `key` is sealed; both are PEM."""

    arn: str
    certificate: str
    key: str
    created_at: datetime


@record(table="acm_certificates", indexes=("home",))
class Certificate:
    """`body`, `chain` and `key` are PEM, `key` sealed. `used_by` are the listeners that have it, kept by `using`.

    `names` are the host names that it is good for, `*.` ones among them, and `domain_name` its first. One that was
    requested is issued at once; `imported_at` is None for it, and `validation_method` and `validation_domains`, by
    domain name, are what was asked for.
    """

    arn: str
    home: str
    domain_name: str
    names: tuple[str, ...]
    body: str
    chain: str
    key: str
    serial: str
    subject: str
    issuer: str
    key_algorithm: str
    signature_algorithm: str
    key_usages: tuple[str, ...] = ()
    extended_key_usages: tuple[tuple[str, str], ...] = ()
    not_before: datetime
    not_after: datetime
    created_at: datetime
    imported_at: datetime | None = None
    issued_at: datetime | None = None
    validation_method: str | None = None
    validation_domains: dict[str, str] = {}
    transparency: str = "ENABLED"
    idempotency_token: str | None = None
    used_by: tuple[str, ...] = ()
    tags: dict[str, str] = {}


ALL = (Authority, Certificate)
