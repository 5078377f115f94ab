"""The variables that point an AWS client at a Podium, and how to tell a client that ignores them."""

import re
import shutil
import subprocess
from collections.abc import Mapping

from podium.launch.running import Running
from podium_protocol.signing import Credentials

UNSET = ("AWS_SESSION_TOKEN", "AWS_PROFILE")
# The first releases of the aws CLI that read AWS_ENDPOINT_URL, by major version.
FIRST_WITH_ENDPOINT_VARIABLE = {1: 29, 2: 13}
# Where else a client would look for keys, and what else it may not do: page its output, ask the cloud's own metadata.
ALONE = {
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PAGER": "",
}


def variables(running: Running, key: Credentials) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": running.url,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",  # or Cloud Map's DiscoverInstances would go to data-127.0.0.1
        "AWS_REGION": running.region,
        "AWS_DEFAULT_REGION": running.region,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
    }


def isolated(inherited: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """An environment in which an AWS client knows this Podium alone: no profile, other endpoint or proxy."""
    dropped = ("AWS_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    kept = {name: value for name, value in inherited.items() if not name.upper().startswith(dropped)}
    taste = {name: inherited[name] for name in ("AWS_DEFAULT_OUTPUT", "AWS_CA_BUNDLE") if name in inherited}
    return kept | taste | ALONE | dict(own)


def aws_version() -> str | None:
    """What the `aws` on the path calls itself, such as aws-cli/2.9.19; None when there is none."""
    program = shutil.which("aws")
    if program is None:
        return None
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = (said.stdout or said.stderr).split()
    return words[0] if words else None


def reads_endpoint_variable(version: str) -> bool:
    """Whether this aws CLI looks at AWS_ENDPOINT_URL. An older one would call the real AWS."""
    found = re.fullmatch(r"aws-cli/(\d+)\.(\d+)\..*", version)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return major > 2 or minor >= FIRST_WITH_ENDPOINT_VARIABLE.get(major, 10**6)
