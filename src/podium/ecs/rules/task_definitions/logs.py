"""Log drivers, log routers and secrets."""

from podium.ecs.errors import Client
from podium.ecs.rules.task_definitions.documents import Document, Rule, containers, one_of

DRIVERS = ("json-file", "syslog", "journald", "gelf", "fluentd", "awslogs", "splunk", "awsfirelens")
NEEDED_BY_AWSLOGS = ("awslogs-region", "awslogs-group")
NEEDED_BY_SPLUNK = ("splunk-url", "splunk-token")


def _drivers(document: Document) -> None:
    for container in containers(document):
        if log := container.get("logConfiguration"):
            log_configuration(log)


def log_configuration(log: Document) -> None:
    """A Service Connect proxy's logs obey the same rule."""
    driver, options = log["logDriver"], log.get("options") or {}
    one_of("logDriver", driver, DRIVERS)
    if driver == "awslogs":
        lacking = [name for name in NEEDED_BY_AWSLOGS if not options.get(name)]
        if lacking:
            raise Client(f"Log driver awslogs requires options: {', '.join(lacking)}")
    if options.get("mode", "blocking") not in ("blocking", "non-blocking"):
        raise Client("Log driver option mode should be one of [blocking,non-blocking]")


def _routers(document: Document) -> None:
    routers = [c for c in containers(document) if c.get("firelensConfiguration")]
    if len(routers) > 1:
        raise Client("A task definition can have at most one container with a firelensConfiguration.")
    for container in routers:
        one_of("firelensConfiguration.type", container["firelensConfiguration"]["type"], ("fluentd", "fluentbit"))
    routed = [c for c in containers(document) if (c.get("logConfiguration") or {}).get("logDriver") == "awsfirelens"]
    if routed and not routers:
        raise Client(
            "When a container uses log driver awsfirelens, a container with a firelensConfiguration must be specified."
        )


def _secrets(document: Document) -> None:
    for container in containers(document):
        variables = {v["name"] for v in container["environment"]}
        names = [s["name"] for s in container.get("secrets") or ()]
        for name in names:
            if name in variables or names.count(name) > 1:
                raise Client(
                    "The secret name must be unique and not shared with any new or existing environment variables "
                    f"set on the container, such as '{name}'."
                )
    if "executionRoleArn" not in document and any(map(_wants_secrets, containers(document))):
        raise Client("When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.")


def _wants_secrets(container: Document) -> bool:
    return bool(container.get("secrets") or (container.get("logConfiguration") or {}).get("secretOptions"))


RULES: tuple[Rule, ...] = (_drivers, _routers, _secrets)
