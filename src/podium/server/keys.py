"""The keys a control plane begins with: root's, which may do everything, the agents' and the proxies'.

They are made on the first start and kept in one file that its owner alone can read.
"""

import json
import secrets
import string
from dataclasses import dataclass
from pathlib import Path

from podium.kernel import principal as principals
from podium.kernel.principal import Principal
from podium.server import private
from podium.server.config import Config, ConfigError

FILE = "credentials.json"
_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """An access key's secret, and who signs with it."""

    secret: str
    principal: Principal


def opened(config: Config) -> dict[str, Key]:
    """The keys by their ids, made the first time. A root key given by the operator replaces the one kept.

    Keys that the operator asked to accept are root's as well.
    """
    path = config.data_dir / FILE
    kept = _read(path)
    root = kept.get("root") or {"accessKeyId": _access_key(), "secretAccessKey": _secret()}
    if config.root_key:
        root = {"accessKeyId": config.root_key[0], "secretAccessKey": config.root_key[1]}
    agent = kept.get("agent") or {"accessKeyId": _access_key(), "secretAccessKey": _secret()}
    proxy = kept.get("proxy") or {"accessKeyId": _access_key(), "secretAccessKey": _secret()}
    if {"root": root, "agent": agent, "proxy": proxy} != kept:
        private.write(path, {"root": root, "agent": agent, "proxy": proxy})
    mine = principals.root(config.account)
    return {
        **{id_: Key(secret=secret, principal=mine) for id_, secret in config.accepted_keys},
        agent["accessKeyId"]: Key(secret=agent["secretAccessKey"], principal=principals.agent(config.account)),
        proxy["accessKeyId"]: Key(secret=proxy["secretAccessKey"], principal=principals.proxy(config.account)),
        root["accessKeyId"]: Key(secret=root["secretAccessKey"], principal=mine),
    }


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        kept: dict[str, dict[str, str]] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}. Mend or remove it; new keys are made then.") from error
    return kept


def _access_key() -> str:
    return "AKIA" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(16))


def _secret() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(40))
