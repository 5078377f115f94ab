"""The cluster query language: which container instances an expression means. No I/O.

Source: Amazon ECS Developer Guide, "Create expressions to define container instances for Amazon ECS tasks".
"""

from podium.ecs.query.evaluation import Facts, holds
from podium.ecs.query.parser import parsed
from podium.ecs.query.selection import Census, is_lasting, selected
from podium.ecs.query.tree import Subject

__all__ = ["Census", "Facts", "Subject", "holds", "is_lasting", "parsed", "selected"]
