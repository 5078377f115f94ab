"""Tags on everything that has an id.

Source: API Reference, CreateTags, DeleteTags, DescribeTags.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podium.ec2 import lookups, names
from podium.ec2.errors import InvalidId
from podium.ec2.rules import filters, pages
from podium.ec2.rules import tags as rules
from podium.ec2.rules.filters import Look, of
from podium.ec2.service import Answer, Request, changes, reads
from podium.kernel.call import Call
from podium.store.records import replace
from podium.store.session import Transaction

_KINDS: dict[str, type[Any]] = {names.PREFIXES[noun]: kind for kind, noun in lookups.NOUNS.items()}


@changes
def create_tags(call: Call, tx: Transaction, request: Request) -> Answer:
    """A key that is there already gets the new value. All of the resources are tagged, or none."""
    given = rules.parsed(request["Tags"])
    for record in _resources(call, tx, request):
        tx.put(replace(record, tags=rules.merged(record.tags, given)))
    return {}


@changes
def delete_tags(call: Call, tx: Transaction, request: Request) -> Answer:
    for record in _resources(call, tx, request):
        tx.put(replace(record, tags=rules.without(record.tags, request.get("Tags"))))
    return {}


def _resources(call: Call, tx: Transaction, request: Request) -> list[Any]:
    return [found(tx, call.home, identity) for identity in dict.fromkeys(request["Resources"])]


def found(tx: Transaction, home: str, identity: str) -> Any:
    """The record of an id whose prefix says what it is."""
    kind = _KINDS.get(identity.partition("-")[0])
    if kind is None:
        raise InvalidId(f"The ID '{identity}' is not valid")
    return lookups.named(tx, home, kind, identity)


@dataclass(frozen=True, slots=True)
class _Tag:
    resource_id: str
    noun: str
    key: str
    value: str


@reads
def describe_tags(call: Call, tx: Transaction, request: Request) -> Answer:
    every = [
        _Tag(record.id, noun, key, value)
        for kind, noun in lookups.NOUNS.items()
        for record in lookups.every(tx, call.home, kind)
        for key, value in record.tags.items()
    ]
    given = request.get("Filters") or ()
    looks = {**LOOKS, **{name: _of_key(name) for item in given if (name := item.get("Name") or "").startswith("tag:")}}
    rows = filters.select(every, given, looks)
    return pages.page("Tags", rows, request, _shown, key=lambda tag: f"{tag.resource_id}/{tag.key}")


def _of_key(name: str) -> Look[_Tag]:
    """`tag:Owner` asks for the tags with that key and a value."""
    return lambda tag: (tag.value,) if tag.key == name.removeprefix("tag:") else ()


LOOKS: Mapping[str, Look[_Tag]] = {
    "key": of("key"),
    "resource-id": of("resource_id"),
    "resource-type": of("noun"),
    "value": of("value"),
}


def _shown(tag: _Tag) -> dict[str, str]:
    return {"Key": tag.key, "ResourceId": tag.resource_id, "ResourceType": tag.noun, "Value": tag.value}
