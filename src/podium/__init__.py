"""Podium: Amazon ECS on machines of your own."""

__version__ = "0.1.0"
