"""What a call asks to be allowed."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Ask:
    """One action on one resource. A call may need several; every one must be allowed.

    `action` is IAM's name of it, as in `ecs:RunTask` or `iam:PassRole`; `resource` an ARN, or `*` for an
    action that knows no resources. `context` holds the condition keys that belong to this action and
    resource, such as `ecs:cluster`, `aws:ResourceTag/team`, `iam:PassedToService`; a value is a text or,
    for keys with several values such as `aws:TagKeys`, a tuple of texts. The keys that every request has
    (`aws:PrincipalArn`, `aws:SourceIp`, `aws:CurrentTime`, …) are added where the ask is judged. `shown` is what
    a denial calls the resource, where that is not its ARN: IAM says `role web`. `policy` is the resource's own, whose
    word counts beside the caller's; if it `decides`, nobody is allowed whom it does not name, or leave to the account.
    """

    action: str
    resource: str = "*"
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    shown: str = ""
    policy: str = ""
    decides: bool = False
