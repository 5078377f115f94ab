"""Moving a stage from one version to another."""

from typing import Any

from podium.kernel.call import Call
from podium.secretsmanager import names, staging, views
from podium.secretsmanager.errors import VersionNotFound
from podium.secretsmanager.service import secretsmanager
from podium.store.records import replace
from podium.store.session import Transaction


@secretsmanager.operation
def update_secret_version_stage(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = names.living(call, tx, request["SecretId"])
    out_of, onto = request.get("RemoveFromVersionId"), request.get("MoveToVersionId")
    for version_id in (out_of, onto):
        if version_id is not None and names.version(tx, held, version_id) is None:
            raise VersionNotFound(version_id)
    stages = staging.moved(held.stages, request["VersionStage"], out_of, onto)
    tx.put(replace(held, stages=stages, changed_at=call.now))
    return views.named(held)
