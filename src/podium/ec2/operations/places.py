"""Regions, zones, and what the account may have.

Source: API Reference, DescribeRegions, DescribeAvailabilityZones, DescribeAccountAttributes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from podium.ec2 import interfaces, lookups, names, places
from podium.ec2.errors import Invalid
from podium.ec2.operations.elastic_ips import MADE_UP
from podium.ec2.rules import filters
from podium.ec2.rules.filters import Look, fixed, of
from podium.ec2.service import Answer, Request, reads
from podium.kernel.call import Call
from podium.store.session import Transaction

_OPT_IN = "opt-in-not-required"


@dataclass(frozen=True, slots=True)
class _Place:
    region: str
    zone: str = ""
    zone_id: str = ""

    @property
    def endpoint(self) -> str:
        return f"ec2.{self.region}.amazonaws.com"


@reads
def describe_regions(call: Call, tx: Transaction, request: Request) -> Answer:
    """Each with AWS's endpoint, which clients print; Podium answers for all of them at its own."""
    known = places.regions(call.region)
    named = request.get("RegionNames") or known
    if unknown := [name for name in named if name not in known]:
        raise Invalid(f"Invalid region names: [{', '.join(unknown)}]")
    rows = filters.select([_Place(name) for name in dict.fromkeys(named)], request.get("Filters"), _REGION_LOOKS)
    return {"Regions": [{"RegionName": p.region, "Endpoint": p.endpoint, "OptInStatus": _OPT_IN} for p in rows]}


_REGION_LOOKS: Mapping[str, Look[_Place]] = {
    "endpoint": of("endpoint"),
    "opt-in-status": fixed(_OPT_IN),
    "region-name": of("region"),
}


@reads
def describe_availability_zones(call: Call, tx: Transaction, request: Request) -> Answer:
    every = [_Place(call.region, zone, zone_id) for zone, zone_id in names.zones(call.region)]
    rows = _named(request, "ZoneNames", every, of("zone"))
    rows = _named(request, "ZoneIds", rows, of("zone_id"))
    return {"AvailabilityZones": [_zone(p) for p in filters.select(rows, request.get("Filters"), _ZONE_LOOKS)]}


def _named(request: Request, member: str, rows: list[_Place], look: Look[_Place]) -> list[_Place]:
    wanted = request.get(member)
    if not wanted:
        return rows
    known = {value for row in rows for value in look(row)}
    if unknown := [name for name in wanted if name not in known]:
        raise Invalid(f"Invalid availability zone{'-ids' if member == 'ZoneIds' else 's'}: [{', '.join(unknown)}]")
    return [row for row in rows if set(look(row)) & set(wanted)]


def _zone(place: _Place) -> dict[str, Any]:
    return {
        "ZoneName": place.zone,
        "ZoneId": place.zone_id,
        "ZoneType": "availability-zone",
        "RegionName": place.region,
        "GroupName": f"{place.region}-zg-1",
        "NetworkBorderGroup": place.region,
        "OptInStatus": _OPT_IN,
        "State": "available",
        "Messages": [],
    }


_ZONE_LOOKS: Mapping[str, Look[_Place]] = {
    "group-name": lambda place: (f"{place.region}-zg-1",),
    "message": fixed(None),
    "opt-in-status": fixed(_OPT_IN),
    "region-name": of("region"),
    "state": fixed("available"),
    "zone-id": of("zone_id"),
    "zone-name": of("zone"),
    "zone-type": fixed("availability-zone"),
}


@reads
def describe_account_attributes(call: Call, tx: Transaction, request: Request) -> Answer:
    """What is true here: there are no instances, and no quota of addresses but how many there are."""
    vpc = lookups.default_vpc(tx, call.home)
    told = {
        "supported-platforms": "VPC",
        "default-vpc": vpc.id if vpc is not None else "none",
        "vpc-max-security-groups-per-interface": str(interfaces.MOST_GROUPS),
        "max-elastic-ips": str(MADE_UP.num_addresses),
        "vpc-max-elastic-ips": str(MADE_UP.num_addresses),
        "max-instances": "0",
    }
    wanted = request.get("AttributeNames") or told
    if unknown := [name for name in wanted if name not in told]:
        raise Invalid(f"Value ({unknown[0]}) for parameter attributeName is invalid. Unknown attribute.")
    return {
        "AccountAttributes": [
            {"AttributeName": name, "AttributeValues": [{"AttributeValue": told[name]}]} for name in wanted
        ]
    }
