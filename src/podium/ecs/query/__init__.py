"""The cluster query language: which container instances an expression means. No I/O.

Source: Amazon ECS Developer Guide, "Create expressions to define container instances for Amazon ECS tasks".
"""

from podium.ecs.query.evaluation import Facts, holds
from podium.ecs.query.parser import parsed

__all__ = ["Facts", "holds", "parsed"]
