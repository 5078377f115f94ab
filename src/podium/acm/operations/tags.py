"""Tags of certificates."""

from podium.acm import names, views
from podium.acm.service import Answer, Request, changes, reads
from podium.acm.tagging import TAGS
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction


@changes
def add_tags_to_certificate(call: Call, tx: Transaction, request: Request) -> Answer:
    held, given = names.named(call, tx, request["CertificateArn"]), TAGS.given(request["Tags"])
    tx.put(replace(held, tags=TAGS.at_most({**held.tags, **given})))
    return {}


@changes
def remove_tags_from_certificate(call: Call, tx: Transaction, request: Request) -> Answer:
    """A tag that is given with a value goes only if it has that value."""
    held = names.named(call, tx, request["CertificateArn"])
    gone = {tag["Key"]: tag.get("Value") for tag in request["Tags"]}
    kept = {key: value for key, value in held.tags.items() if key not in gone or gone[key] not in (None, value)}
    tx.put(replace(held, tags=kept))
    return {}


@reads
def list_tags_for_certificate(call: Call, tx: Transaction, request: Request) -> Answer:
    return {"Tags": views.tags(names.named(call, tx, request["CertificateArn"]).tags)}
