"""Who a role's trust policy lets in.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "Determining whether a request is allowed or
denied within an account".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from podium.iam.policy.document import Document, Statement
from podium.iam.policy.request import Request


class Reach(IntEnum):
    """`NAMED` needs no further permission; `ACCOUNT` leaves it to the account, whose own policies must allow it."""

    DENIED = -1
    NONE = 0
    ACCOUNT = 1
    NAMED = 2


@dataclass(frozen=True, slots=True)
class Who:
    """A caller as trust policies may write it. `names` are its own ARNs, or a service's name.

    `unlike` are names that the policy meant for another: a user deleted since, whose name was used again.
    """

    kind: str  # AWS, Service or Federated
    names: frozenset[str]
    accounts: frozenset[str] = frozenset()
    unlike: frozenset[str] = frozenset()


def account_names(account: str, partition: str = "aws") -> frozenset[str]:
    return frozenset({account, f"arn:{partition}:iam::{account}:root"})


def trusted(document: Document, request: Request, who: Who) -> Reach:
    denies, allows = document.about(request.action)
    if any(_reach(s, who) is not Reach.NONE and s.applies(request) for s in denies):
        return Reach.DENIED
    return max((_reach(s, who) for s in allows if s.applies(request)), default=Reach.NONE)


def _reach(statement: Statement, who: Who) -> Reach:
    reach = _named(statement.principals or {}, who)
    if not statement.everyone_but:
        return reach
    return Reach.NAMED if reach is Reach.NONE else Reach.NONE


def _named(principals: Mapping[str, tuple[str, ...]], who: Who) -> Reach:
    listed = principals.get(who.kind, ())
    if "*" in listed or any(name in who.names and name not in who.unlike for name in listed):
        return Reach.NAMED
    return Reach.ACCOUNT if any(name in who.accounts for name in listed) else Reach.NONE
