"""What ECS answers. Importing this package registers every operation."""

from podium.ecs.operations import agents, clusters, container_instances, services, tags, task_definitions, tasks

__all__ = ["agents", "clusters", "container_instances", "services", "tags", "task_definitions", "tasks"]
