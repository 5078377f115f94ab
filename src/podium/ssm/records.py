"""What Parameter Store remembers. `home` is partition, region and account."""

from datetime import datetime

from podium.store.records import record


@record(table="ssm_parameters", indexes=("home",))
class Parameter:
    """A name, and which of its versions is the newest. Only the API writes it.

    `/web` and `web` have the same ARN, and so are the same parameter.
    """

    arn: str
    home: str
    name: str
    latest: int = 1
    tags: dict[str, str] = {}


@record(table="ssm_parameter_versions", indexes=("parameter_arn",))
class ParameterVersion:
    """One value that a parameter had, with everything that was settled along with it. Only its labels change.

    `value` is never plain: a SecureString's is the cipher text of its key, in base64, which whoever does not ask for
    decryption is shown; any other's is sealed. `key_id` is the key as it was named. `changed_by` is the ARN of who put
    it. A label is on one version of a parameter.
    """

    arn: str
    parameter_arn: str
    number: int
    type: str
    value: str
    key_id: str | None = None
    description: str | None = None
    allowed_pattern: str | None = None
    tier: str = "Standard"
    data_type: str = "text"
    labels: tuple[str, ...] = ()
    changed_at: datetime
    changed_by: str


ALL = (Parameter, ParameterVersion)
