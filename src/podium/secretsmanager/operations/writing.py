"""Secrets: making them, and giving them new values.

A version's id is the ClientRequestToken of who put it. Who asks again with the same token and the same value is
answered again; with another value, refused.
"""

from typing import Any

from podium.kernel.call import Call
from podium.secretsmanager import names, rotating, rules, staging, values, views
from podium.secretsmanager.errors import NameScheduledForDeletion, SecretExists, TokenInUse
from podium.secretsmanager.records import Secret
from podium.secretsmanager.service import secretsmanager
from podium.store.records import replace
from podium.store.session import Transaction

Value = str | bytes


@secretsmanager.operation
def create_secret(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """Without a value, there is no version until one is put."""
    name, plain = rules.name(request["Name"]), rules.value(request)
    rules.of_one_region(request)
    tags = rules.TAGS.given(request.get("Tags"))
    before = names.find(call, tx, name)
    if before is not None:
        return _created_before(call, tx, before, request, plain)
    held = Secret(
        arn=names.new_arn(call, name),
        home=call.home,
        name=name,
        description=request.get("Description") or "",
        kms_key_id=values.key_id(request.get("KmsKeyId")),
        created_at=call.now,
        changed_at=call.now,
        tags=tags,
    )
    if plain is None:
        return views.named(tx.put(held))
    version_id = _token(call, request)
    return views.named(_put(call, tx, held, version_id, plain, ()), VersionId=version_id)


def _created_before(
    call: Call, tx: Transaction, before: Secret, request: dict[str, Any], plain: Value | None
) -> dict[str, Any]:
    if before.deletes_at is not None:
        raise NameScheduledForDeletion
    token = request.get("ClientRequestToken")
    if plain is None or token is None or not _is_there(call, tx, before, token, plain):
        raise SecretExists(before.name)
    return views.named(before, VersionId=token)


@secretsmanager.operation
def put_secret_value(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """The new version is the current one, unless stages are given."""
    held, plain = names.living(call, tx, request["SecretId"]), rules.needed_value(request)
    version_id = _token(call, request)
    if not _is_there(call, tx, held, version_id, plain):
        held = _put(call, tx, held, version_id, plain, request.get("VersionStages") or (staging.CURRENT,))
    return views.named(held, VersionId=version_id, VersionStages=staging.of(held.stages, version_id))


@secretsmanager.operation
def update_secret(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """What is left out stays. Another key encrypts the versions that have stages anew."""
    rules.of_one_region(request)
    held, plain = names.living(call, tx, request["SecretId"]), rules.value(request)
    held = replace(held, description=request.get("Description", held.description), changed_at=call.now)
    if request.get("KmsKeyId"):
        held = _rekeyed(call, tx, replace(held, kms_key_id=values.key_id(request["KmsKeyId"])))
    tx.put(held)
    if plain is None:
        return views.named(held)
    version_id = _token(call, request)
    if not _is_there(call, tx, held, version_id, plain):
        held = _put(call, tx, held, version_id, plain, (staging.CURRENT,))
    return views.named(held, VersionId=version_id)


def _token(call: Call, request: dict[str, Any]) -> str:
    """SDKs give one with every request."""
    return request.get("ClientRequestToken") or call.ids.uuid()


def _is_there(call: Call, tx: Transaction, held: Secret, version_id: str, plain: Value) -> bool:
    """Whether the version has been put already. Raises TokenInUse if that was with another value."""
    there = names.version(tx, held, version_id)
    if there is not None and values.plain(call, tx, there) != plain:
        raise TokenInUse(version_id, held.arn)
    return there is not None


def _put(
    call: Call, tx: Transaction, held: Secret, version_id: str, plain: Value, stages: tuple[str, ...] | list[str]
) -> Secret:
    tx.put(values.version(call, tx, held, version_id, plain))
    after = staging.put(held.stages, version_id, stages)
    if after[staging.CURRENT] != held.stages.get(staging.CURRENT):
        held = rotating.by_hand(held, call.now)
    held = tx.put(replace(held, stages=after, changed_at=call.now))
    staged = frozenset(held.stages.values())
    deprecated = [version for version in names.versions(tx, held) if version.id not in staged]
    for version in deprecated[: -rules.MOST_VERSIONS]:
        tx.delete(version)
    return held


def _rekeyed(call: Call, tx: Transaction, held: Secret) -> Secret:
    for version_id in dict.fromkeys(held.stages.values()):
        version = names.version(tx, held, version_id)
        if version is not None:  # what a rotation has begun has no value yet
            tx.put(values.encrypted(call, tx, version, held.kms_key_id, values.plain(call, tx, version)))
    return held
