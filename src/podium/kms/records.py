"""What Key Management Service remembers. `home` is partition, region and account."""

from datetime import datetime

from podium.store.records import record


@record(table="kms_keys", indexes=("home",))
class Key:
    """A symmetric key. Only the API writes it, and its controller deletes it once `deletes_at` has come.

    `material` is its 32 bytes in base64, sealed with the installation's keyring, which lies outside the database.
    `manager` is CUSTOMER, or AWS for those that services use when no key is named. `policy` is JSON as it was given,
    and decides who may use the key: the first leaves it to the callers' own. `rotation_days` of None is no rotation.
    """

    arn: str
    home: str
    id: str
    material: str
    manager: str = "CUSTOMER"
    description: str = ""
    policy: str
    enabled: bool = True
    deletes_at: datetime | None = None
    rotation_days: int | None = None
    rotation_since: datetime | None = None
    created_at: datetime
    tags: dict[str, str] = {}


@record(table="kms_aliases", indexes=("home", "key_arn"))
class Alias:
    """Another name of a key, beginning with `alias/`. Only the API writes it; it goes with its key."""

    arn: str
    home: str
    name: str
    key_arn: str
    created_at: datetime
    changed_at: datetime


ALL = (Key, Alias)
