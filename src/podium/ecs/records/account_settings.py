"""Account settings: what a principal, or everyone without a word of their own, has chosen."""

from podium.store.records import record


@record(table="ecs_account_settings", indexes=("home",))
class AccountSetting:
    """One choice. That of the account's root user is the default for everybody else. `arn` is name and principal."""

    arn: str
    home: str
    name: str
    principal_arn: str
    value: str
