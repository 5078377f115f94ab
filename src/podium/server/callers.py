"""Who a signature's key belongs to: a key of the installation's own, a user's, a session's or an instance's."""

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from podium import iam
from podium.iam.records import AccessKey, User
from podium.kernel.principal import Principal
from podium.kernel.sealing import Sealer, Unsealable
from podium.server import instance_keys
from podium.server.keys import Key
from podium.store.session import Change, Transaction
from podium.sts import tokens
from podium.wire.claims import Claim

T = TypeVar("T")
log = logging.getLogger("podium.keys")
MOST_TOKENS = 10_000  # proved ones that are remembered


class Reader(Protocol):
    async def read(self, work: Callable[[Transaction], T]) -> T:
        """The result of `work` on what is durable."""


class Callers:
    """Users' keys are read once and forgotten at every change of users and keys."""

    def __init__(self, fixed: Mapping[str, Key], sealer: Sealer, core: Reader) -> None:
        self._fixed, self._sealer, self._core = fixed, sealer, core
        self._known: dict[str, Key] = {}
        self._tokens: OrderedDict[tuple[str, str], tuple[str, Principal]] = OrderedDict()

    async def key(self, claim: Claim, now: datetime) -> Key | None:
        """The key that `claim` names; None when there is none, or when its token does not belong to it."""
        if claim.session_token:
            found = self._of_token(claim.access_key_id, claim.session_token)
            return Key(secret=found[0], principal=found[1]) if found else None
        return self._fixed.get(claim.access_key_id) or await self._users(claim.access_key_id)

    async def still_knows(self, access_key_id: str, principal: Principal) -> bool:
        """Whether a key that was good once has not been deleted or made inactive. One that expires is kept nowhere."""
        lasts = principal.expires_at is None
        return not lasts or access_key_id in self._fixed or await self._users(access_key_id) is not None

    def changed(self, changes: Sequence[Change]) -> None:
        if any(change.kind in (AccessKey, User) for change in changes):
            self._known = {}

    def _of_token(self, access_key_id: str, token: str) -> tuple[str, Principal] | None:
        """A token says the same for as long as it is good, and whoever has one uses it often."""
        known = self._tokens.get((access_key_id, token))
        if known is not None:
            return known
        prove = instance_keys.proved if token.startswith(instance_keys.PREFIX) else tokens.proved
        found = prove(self._sealer, access_key_id, token)
        if found is not None:
            self._tokens[access_key_id, token] = found
            if len(self._tokens) > MOST_TOKENS:
                self._tokens.popitem(last=False)
        return found

    async def _users(self, access_key_id: str) -> Key | None:
        known = self._known
        if access_key_id not in known:
            found = await self._core.read(lambda tx: self._read(tx, access_key_id))
            if found is None:
                return None
            known[access_key_id] = found
        return known[access_key_id]

    def _read(self, tx: Transaction, access_key_id: str) -> Key | None:
        found = iam.principal_of_access_key(tx, access_key_id)
        if found is None:
            return None
        key, principal = found
        try:
            return Key(secret=self._sealer.unseal(key.secret, key.arn), principal=principal)
        except Unsealable as error:
            log.error("access key cannot be used reason=%s", error)
            return None
