"""Moving a stage from one version to another."""

from typing import Any

from podium.kernel.call import Call
from podium.secretsmanager import names, staging, views
from podium.secretsmanager.errors import VersionNotFound
from podium.secretsmanager.records import Secret
from podium.secretsmanager.service import secretsmanager
from podium.store.records import replace
from podium.store.session import Transaction


@secretsmanager.operation
def update_secret_version_stage(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.living(call, tx, request["SecretId"])
    out_of, onto = request.get("RemoveFromVersionId"), request.get("MoveToVersionId")
    _has_value(tx, held, onto)
    if out_of not in held.stages.values():  # what a rotation has begun may have no value yet
        _has_value(tx, held, out_of)
    stages = staging.moved(held.stages, request["VersionStage"], out_of, onto)
    tx.put(replace(held, stages=stages, changed_at=call.now))
    return views.named(held)


def _has_value(tx: Transaction, held: Secret, version_id: str | None) -> None:
    if version_id is not None and names.version(tx, held, version_id) is None:
        raise VersionNotFound(version_id)
