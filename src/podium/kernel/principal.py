"""Who signed a request."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PrincipalKind(StrEnum):
    """`ROOT` may do everything. `USER` and `ROLE` are judged by policies; `AGENT` and `INSTANCE` by `ecs.bounds`.

    `PROXY` may open a proxy's link, and call no API. `HOOK` is judged by `secretsmanager.bounds`.
    """

    ROOT = "root"
    USER = "user"
    ROLE = "assumed-role"
    AGENT = "agent"  # a container agent that has yet to register
    INSTANCE = "instance"  # one container instance, and no other
    PROXY = "proxy"  # what carries traffic on a machine
    HOOK = "hook"  # a command that rotates one secret


@dataclass(frozen=True, kw_only=True, slots=True)
class Principal:
    """Who a key belongs to, as AWS names them.

    `arn` is what GetCallerIdentity shows and AccessDenied names; `issuer_arn` is the record whose policies
    count: the user, the role that was assumed, the container instance. `user_id` is the account for root,
    `AIDA…` for a user, `AROA…:session` for a role's session. `session_policies` are the documents that
    narrow a session, or ARNs of managed ones; `tags` are the user's or session's (`aws:PrincipalTag`), and those
    named in `transitive_tags` go on to the next role. `issued_at` and `expires_at` are None for keys that do not
    expire.
    """

    kind: PrincipalKind
    arn: str
    account: str
    user_id: str = ""
    issuer_arn: str = ""
    session_name: str = ""
    session_policies: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    transitive_tags: tuple[str, ...] = ()
    source_identity: str = ""
    issued_at: datetime | None = None
    expires_at: datetime | None = None

    @property
    def is_root(self) -> bool:
        return self.kind is PrincipalKind.ROOT

    def has_expired(self, now: datetime) -> bool:
        return self.expires_at is not None and self.expires_at <= now


def root(account: str) -> Principal:
    return Principal(kind=PrincipalKind.ROOT, arn=f"arn:aws:iam::{account}:root", account=account, user_id=account)


def agent(account: str) -> Principal:
    """The key by which container agents join: it may register an instance, and little else."""
    arn = f"arn:aws:iam::{account}:user/podium-agent"
    return Principal(kind=PrincipalKind.AGENT, arn=arn, account=account, user_id="podium-agent", issuer_arn=arn)


def proxy(account: str) -> Principal:
    """The key by which proxies link up: they are told every certificate's key, and say which targets are healthy."""
    arn = f"arn:aws:iam::{account}:user/podium-proxy"
    return Principal(kind=PrincipalKind.PROXY, arn=arn, account=account, user_id="podium-proxy", issuer_arn=arn)


def hook(account: str, secret_arn: str, function: str, rotation: str) -> Principal:
    """Whoever rotates this secret with the command of that name, until that rotation ends."""
    arn = f"arn:aws:sts::{account}:assumed-role/podium-rotation/{function}"
    return Principal(
        kind=PrincipalKind.HOOK,
        arn=arn,
        account=account,
        user_id=f"podium-rotation:{function}",
        issuer_arn=secret_arn,
        session_name=rotation,
    )
