"""Express services: a service with everything round it made by ECS."""

from datetime import datetime
from typing import Any

from podium.store.records import record


@record(table="ecs_express_services", indexes=("home",))
class ExpressService:
    """What was asked for beyond the service of the same `arn`, which holds the rest.

    `configuration` is the newest, in the API's own names and with its defaults; `managed` says that its task
    definition was made from it. Written by the Express operations alone.
    """

    arn: str
    home: str
    infrastructure_role_arn: str
    configuration: dict[str, Any]
    managed: bool = True
    created_at: datetime
    updated_at: datetime
