"""Which account and region a data dir's Podium has: told once, and kept to.

Every ARN in the records has them. Started under others, Podium would not find what it keeps.
"""

import json
from dataclasses import asdict, dataclass

from podium.launch.errors import Trouble
from podium.launch.paths import DataDir, write_whole
from podium.launch.settings import DEFAULT_ACCOUNT, DEFAULT_REGION


@dataclass(frozen=True, kw_only=True)
class Identity:
    account_id: str = DEFAULT_ACCOUNT
    region: str = DEFAULT_REGION


def settled(paths: DataDir, account_id: str | None, region: str | None) -> Identity:
    """What was asked for, else what it was last time, else the defaults."""
    last = kept(paths)
    return Identity(account_id=account_id or last.account_id, region=region or last.region)


def kept(paths: DataDir) -> Identity:
    try:
        written = json.loads(paths.identity.read_text())
        return Identity(account_id=written["account_id"], region=written["region"])
    except (OSError, ValueError, KeyError):
        return Identity()


def keep(paths: DataDir, identity: Identity) -> None:
    """Raises Trouble."""
    try:
        write_whole(paths.identity, json.dumps(asdict(identity)) + "\n")
    except OSError as error:
        raise Trouble(f"Cannot write {paths.identity} ({error.strerror}). Does its disk have room?") from error
