"""Why a container did not start, in the words of the launch type that its task has."""

import re

from podium_agent.engine.records import Task

_LOG_DRIVER = re.compile(r"failed to initialize logging driver: (.*)", re.DOTALL)


def of_start(task: Task, told: str) -> str:
    """On EC2 it is Docker that speaks; on Fargate who checks the log configuration before the task starts.

    Source: Amazon ECS Developer Guide, "ResourceInitializationError errors".
    """
    found = _LOG_DRIVER.search(told)
    if found is None or task.payload.get("launchType") != "FARGATE":
        return told
    why = f"create stream has been retried 1 times: {found[1].strip()} : exit status 1"
    return f"ResourceInitializationError: failed to validate logger args: {why}"
