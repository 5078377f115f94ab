"""What Cloud Map answers, and what each operation asks for. Importing this package registers both."""

from podium.servicediscovery import access
from podium.servicediscovery.operations import discovery, doings, instances, namespaces, services, tags

__all__ = ["access", "discovery", "doings", "instances", "namespaces", "services", "tags"]
