"""Who is calling, from where, and when."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from podium.kernel.ids import Ids
from podium.kernel.principal import Principal
from podium.kernel.sealing import Sealer


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request, after its signature was proved.

    `region` is the credential scope's, `account` the access key's: they, not the server's
    settings, decide which records the call may see. Time, ids and chance come with the call,
    and so does what seals secrets. `endpoint` is the URL by which the caller reached this server,
    without a trailing slash; `source_ip` and `user_agent` are the caller's own. `limits` are those that the
    operator set, in place of AWS's, by the names that the services give them. `hooks` are commands that the operator
    put beside the records, to be run where AWS runs Lambda functions: by name why one cannot be run, empty where it
    can. They come with the operations that ask for them.
    """

    account: str
    region: str
    principal: Principal
    now: datetime
    ids: Ids
    sealer: Sealer
    request_id: str = ""
    access_key_id: str = ""
    endpoint: str = ""
    source_ip: str = "127.0.0.1"
    user_agent: str = ""
    partition: str = "aws"
    limits: Mapping[str, int] = {}
    hooks: Mapping[str, str] = {}

    @property
    def principal_arn(self) -> str:
        return self.principal.arn

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    @property
    def home(self) -> str:
        """The start of every key that this call may see."""
        return f"{self.partition}:{self.region}:{self.account}"
