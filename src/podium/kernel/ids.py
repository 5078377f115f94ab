"""Identifiers and chance, as something handed in."""

from typing import Protocol


class Ids(Protocol):
    def hex32(self) -> str:
        """The id of a task or a container instance: 32 lower-case hexadecimal digits."""

    def uuid(self) -> str:
        """The id of a container, an event, an attachment or a request."""

    def digits19(self) -> str:
        """The number in a deployment id, `ecs-svc/<19 digits>`."""

    def nano21(self) -> str:
        """The id of a service deployment: 21 url-safe characters."""

    def below(self, bound: int) -> int:
        """A whole number from 0 to `bound` - 1, for ties that ECS breaks at random."""
