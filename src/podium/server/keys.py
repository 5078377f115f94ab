"""The two keys a control plane begins with: root's, which may do everything, and the agents'.

They are made on the first start and kept in one file that its owner alone can read.
"""

import json
import os
import secrets
import string
from dataclasses import dataclass
from pathlib import Path

from podium.kernel import principal as principals
from podium.kernel.principal import Principal
from podium.server.config import Config, ConfigError

FILE = "credentials.json"
_ALPHABET = string.ascii_letters + string.digits
AGENT_OPERATIONS = frozenset(
    {
        "CreateCluster",
        "DiscoverPollEndpoint",
        "RegisterContainerInstance",
        "SubmitAttachmentStateChanges",
        "SubmitContainerStateChange",
        "SubmitTaskStateChange",
        "ListTagsForResource",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """An access key's secret, and who signs with it."""

    secret: str
    principal: Principal


class Keys:
    def __init__(self, keys: dict[str, Key]) -> None:
        self._keys = keys

    def secret(self, access_key_id: str) -> str | None:
        found = self._keys.get(access_key_id)
        return found.secret if found else None

    def principal(self, access_key_id: str) -> Principal:
        return self._keys[access_key_id].principal


def may(principal: Principal, operation: str) -> bool:
    return principal.is_root or operation in AGENT_OPERATIONS


def opened(config: Config) -> Keys:
    """Read the keys, making them the first time. A root key given by the operator replaces the one kept."""
    path = config.data_dir / FILE
    kept = _read(path)
    root = kept.get("root") or {"accessKeyId": _access_key(), "secretAccessKey": _secret()}
    if config.root_key:
        root = {"accessKeyId": config.root_key[0], "secretAccessKey": config.root_key[1]}
    agent = kept.get("agent") or {"accessKeyId": _access_key(), "secretAccessKey": _secret()}
    if {"root": root, "agent": agent} != kept:
        _write(path, {"root": root, "agent": agent})
    return Keys(
        {
            agent["accessKeyId"]: Key(secret=agent["secretAccessKey"], principal=principals.agent(config.account)),
            root["accessKeyId"]: Key(secret=root["secretAccessKey"], principal=principals.root(config.account)),
        }
    )


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        kept: dict[str, dict[str, str]] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}. Mend or remove it; new keys are made then.") from error
    return kept


def _write(path: Path, keys: dict[str, dict[str, str]]) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(keys, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _access_key() -> str:
    return "AKIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))


def _secret() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(40))
