"""What each ECS operation asks to be allowed: actions, resources, and the condition keys that belong to them.

Importing this package registers it.
Source: Service Authorization Reference, "Actions, resources, and condition keys for Amazon Elastic Container
Service"; Amazon ECS Developer Guide, "Grant permission to tag resources on creation".
"""

from podium import iam
from podium.ecs.access.asking import asks
from podium.ecs.access.linked import LINKED_SERVICE, why_needed
from podium.ecs.access.table import RULES
from podium.ecs.service import ecs

ecs.asks = asks
iam.in_use(LINKED_SERVICE, why_needed)

__all__ = ["RULES", "asks"]
