"""Which account settings there are, what they may be set to, and what holds for whom.

Source: Amazon ECS Developer Guide, "Access Amazon ECS features with account settings".
"""

from podium.ecs.errors import InvalidParameter
from podium.ecs.records import AccountSetting
from podium.kernel.call import Call
from podium.store.session import Transaction

SWITCH = ("enabled", "disabled")
VALUES: dict[str, tuple[str, ...]] = {
    "serviceLongArnFormat": SWITCH,
    "taskLongArnFormat": SWITCH,
    "containerInstanceLongArnFormat": SWITCH,
    "awsvpcTrunking": SWITCH,
    "containerInsights": ("enabled", "disabled", "enhanced"),
    "fargateFIPSMode": SWITCH,
    "tagResourceAuthorization": ("on", "off"),
    "fargateTaskRetirementWaitPeriod": ("0", "7", "14"),
    "guardDutyActivate": ("on", "off"),
    "defaultLogDriverMode": ("blocking", "non-blocking"),
    "fargateEventWindows": SWITCH,
}
BUILT_IN = {
    "serviceLongArnFormat": "enabled",
    "taskLongArnFormat": "enabled",
    "containerInstanceLongArnFormat": "enabled",
    "awsvpcTrunking": "disabled",
    "containerInsights": "disabled",
    "fargateFIPSMode": "disabled",
    "tagResourceAuthorization": "on",
    "fargateTaskRetirementWaitPeriod": "7",
    "guardDutyActivate": "off",
    "defaultLogDriverMode": "non-blocking",
    "fargateEventWindows": "disabled",
}
AWS_MANAGED = {"guardDutyActivate"}
ROOT_ALONE = {"fargateTaskRetirementWaitPeriod"}
KNOWN_TO_THE_SENTENCE = (
    "serviceLongArnFormat",
    "taskLongArnFormat",
    "containerInstanceLongArnFormat",
    "containerLongArnFormat",
    "awsvpcTrunking",
    "containerInsights",
    "dualStackIPv6",
)


def known(name: str) -> str:
    """The list in the sentence is AWS's own, older than the settings."""
    if name not in VALUES:
        raise InvalidParameter(f"unknown should be one of [{','.join(KNOWN_TO_THE_SENTENCE)}]")
    return name


def checked(name: str, value: str) -> str:
    """`value`, if the setting may be set to it. The long format of ARNs can no longer be left."""
    if known(name) in AWS_MANAGED:
        raise InvalidParameter(f"The account setting {name} is managed by AWS and cannot be modified.")
    if value not in VALUES[name] or (name.endswith("LongArnFormat") and value == "disabled"):
        raise InvalidParameter("Invalid setting 'value'")
    return value


def root_arn(call: Call) -> str:
    return f"arn:{call.partition}:iam::{call.account}:root"


def principal_arn(call: Call) -> str:
    """Whose settings the caller's are: the user's, the role's, or root's."""
    return root_arn(call) if call.principal.is_root else call.principal.issuer_arn or call.principal.arn


def key(call: Call, name: str, principal: str) -> str:
    return call.arn("ecs", f"account-setting/{name}/{principal}")


def own(call: Call, tx: Transaction, name: str, principal: str) -> AccountSetting | None:
    return tx.get(AccountSetting, key(call, name, principal))


def of_home(tx: Transaction, home: str, name: str) -> str:
    """What holds in a Region for whatever nobody in particular asks for: root's choice, or AWS's."""
    partition, region, account = home.split(":")
    root = f"arn:{partition}:iam::{account}:root"
    chosen = tx.get(AccountSetting, f"arn:{partition}:ecs:{region}:{account}:account-setting/{name}/{root}")
    return chosen.value if chosen else BUILT_IN[name]


def effective(call: Call, tx: Transaction, name: str, principal: str | None = None) -> str:
    """What holds for `principal`, the caller unless said otherwise: its own choice, root's, or AWS's."""
    principal = principal or principal_arn(call)
    chosen = own(call, tx, name, principal) or own(call, tx, name, root_arn(call))
    return chosen.value if chosen else BUILT_IN[name]
