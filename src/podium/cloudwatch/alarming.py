"""An alarm put in its place, whoever puts it."""

from collections.abc import Mapping
from typing import Any

from podium.cloudwatch import names
from podium.cloudwatch.records import MetricAlarm
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

AT_FIRST = "Unchecked: Initial alarm creation"


def put_alarm(
    call: Call,
    tx: Transaction,
    name: str,
    settings: Mapping[str, Any],
    *,
    enabled: bool = True,
    tags: Mapping[str, str] | None = None,
) -> None:
    """One of the name is replaced whole; its state and its tags stay."""
    arn, kept = names.arn(call.home, name), dict(settings)
    before = tx.get(MetricAlarm, arn)
    if before is not None:
        tx.put(replace(before, settings=kept, actions_enabled=enabled, configured_at=call.now))
        return
    tx.put(
        MetricAlarm(
            arn=arn,
            home=call.home,
            name=name,
            actions_enabled=enabled,
            settings=kept,
            reason=AT_FIRST,
            state_updated_at=call.now,
            transitioned_at=call.now,
            configured_at=call.now,
            tags=dict(tags or {}),
        )
    )
