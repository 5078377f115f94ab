"""AWS STS: who am I, and sessions of roles. What other services use of it is named here."""

from datetime import datetime, timedelta

from podium.kernel.ids import Ids
from podium.kernel.principal import Principal
from podium.kernel.sealing import Sealer
from podium.sts import tokens
from podium.sts.tokens import Credentials

__all__ = ["Credentials", "begun_by_service"]


def begun_by_service(sealer: Sealer, ids: Ids, principal: Principal, now: datetime, lifetime: timedelta) -> Credentials:
    """Credentials for a session that a service began for somebody, from now on, in whole seconds."""
    return tokens.begun(sealer, tokens.new_access_key_id(ids), principal, now, lifetime)
