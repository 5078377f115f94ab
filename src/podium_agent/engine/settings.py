"""What an engine is told once, when it is made."""

from msgspec import Struct

DEFAULT, ALWAYS, ONCE, PREFER_CACHED = "default", "always", "once", "prefer-cached"
PULL_BEHAVIORS = (DEFAULT, ALWAYS, ONCE, PREFER_CACHED)
"""When images are pulled, in the official agent's words; its default is not ours."""


class Settings(Struct, frozen=True, kw_only=True):
    """`cluster` is spoken back as it was configured, a name or an ARN. Durations are in seconds.
    `runtime` is the OCI runtime of the tasks' containers, empty for Docker's default.

    `metadata_url` is where containers on a bridge reach the task metadata endpoint, and
    `host_metadata_url` where containers on the host's network do; `api_url` and `host_api_url` are
    where they reach the control plane, empty when they cannot. `host_ports` is the range that
    dynamic host ports are taken from, both ends included. `cgroup_naming` makes a control group's
    name of a task's id, with `{}` for the id; None where the agent may not make any.
    `image_pull_behavior` is one of PULL_BEHAVIORS. `task_pids_limit` is how many processes a task
    may have, 0 for any number. With `container_metadata`, containers have metadata files in folders
    of `metadata_dir`, an absolute path, that name `zone` and the host's `host_address` if they are known.
    `secrets_dir` is on the agent's tmpfs, for containers that have their secrets as files.
    `log_relay` is the URL that Docker's awslogs driver is sent to.
    `dns_server` is asked by containers that name no other and are not on the host's network; empty: Docker's choice.
    """

    cluster: str
    container_instance_arn: str
    region: str = "us-east-1"
    metadata_url: str = "http://169.254.170.2"
    host_metadata_url: str = "http://169.254.170.2"
    api_url: str = ""
    host_api_url: str = ""
    log_relay: str = ""
    host_ports: tuple[int, int] = (32768, 60999)
    image_pull_behavior: str = PREFER_CACHED
    cgroup_naming: str | None = None
    task_pids_limit: int = 0
    container_metadata: bool = False
    metadata_dir: str = ""
    secrets_dir: str = ""
    zone: str = ""
    host_address: str = ""
    dns_server: str = ""
    stop_timeout: int = 30
    runtime: str = ""
    look_every: float = 5.0
    retry_after: float = 1.0
    cleanup_wait: float = 3 * 3600.0
    cleanup_wait_of_secrets: float = 60.0
    stopped_tasks_kept: int = 100
