"""Dashboards, which are kept and shown, and which nothing draws.

Source: Amazon CloudWatch API Reference, PutDashboard, "Dashboard Body Structure and Syntax".
"""

import json
import re
from typing import Any

from podium.cloudwatch import names, rules
from podium.cloudwatch.errors import DashboardInvalid, DashboardNotFound, InvalidNextToken, InvalidValue
from podium.cloudwatch.records import Dashboard
from podium.cloudwatch.service import cloudwatch
from podium.kernel.call import Call
from podium.kernel.pages import Paging
from podium.store.records import replace
from podium.store.session import Transaction

PAGING = Paging(usual=1000, refused=InvalidNextToken)
MOST_WIDGETS = 500
_NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")


@cloudwatch.operation
def put_dashboard(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """One of the name is replaced; its tags stay."""
    name, body = request["DashboardName"], request["DashboardBody"]
    if _NAME.fullmatch(name) is None:
        raise InvalidValue(
            "The dashboard name can have only letters, digits, hyphens and underscores, 1 to 255 of them."
        )
    _check(body)
    arn, tags = names.dashboard_arn(call.home, name), rules.TAGS.given(request.get("Tags"))
    made = Dashboard(arn=arn, home=names.account(call), name=name, body=body, changed_at=call.now, tags=tags)
    before = tx.get(Dashboard, arn)
    tx.put(replace(before, body=body, changed_at=call.now) if before is not None else made)
    return {"DashboardValidationMessages": []}


def _check(body: str) -> None:
    """Raises DashboardInvalid. What a widget holds is not looked at: nothing is drawn."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise DashboardInvalid("it cannot be read") from error
    if not isinstance(found, dict):
        raise DashboardInvalid("it must be an object", "/")
    widgets = found.get("widgets", [])
    if not isinstance(widgets, list) or not all(isinstance(widget, dict) for widget in widgets):
        raise DashboardInvalid("widgets must be a list of objects", "/widgets")
    if len(widgets) > MOST_WIDGETS:
        raise DashboardInvalid(f"there can be at most {MOST_WIDGETS} widgets", "/widgets")
    for number, widget in enumerate(widgets):
        if not isinstance(widget.get("type"), str):
            raise DashboardInvalid("a widget must have a type", f"/widgets/{number}/type")


@cloudwatch.operation(reads=True)
def get_dashboard(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    held = _known(call, tx, request["DashboardName"])
    return {"DashboardArn": held.arn, "DashboardBody": held.body, "DashboardName": held.name}


@cloudwatch.operation(reads=True)
def list_dashboards(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    prefix = request.get("DashboardNamePrefix") or ""
    rows = [held for held in tx.list(Dashboard, home=names.account(call)) if held.name.startswith(prefix)]
    shown, more = PAGING.page(rows, lambda held: held.name, request)
    return {"DashboardEntries": [_entry(held) for held in shown], **more}


def _entry(held: Dashboard) -> dict[str, Any]:
    return {
        "DashboardName": held.name,
        "DashboardArn": held.arn,
        "LastModified": held.changed_at,
        "Size": len(held.body.encode()),
    }


@cloudwatch.operation
def delete_dashboards(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """All of them, or none when one does not exist."""
    for held in [_known(call, tx, name) for name in dict.fromkeys(request["DashboardNames"])]:
        tx.delete(held)
    return {}


def _known(call: Call, tx: Transaction, name: str) -> Dashboard:
    held = tx.get(Dashboard, names.dashboard_arn(call.home, name))
    if held is None:
        raise DashboardNotFound(name)
    return held
