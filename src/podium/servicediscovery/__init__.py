"""Cloud Map: where services are found. What other services use of it is named here.

All of it happens inside one home (partition, region and account), which comes after the transaction: what another
home has is not found. Instances come, go and change in the caller's own transaction.
"""

from podium.servicediscovery.answers import name_of, service_of_change, zones
from podium.servicediscovery.names import find_instance, find_namespace, find_service
from podium.servicediscovery.records import Instance, Namespace, Service
from podium.servicediscovery.registry import deregister_instance, register_instance, set_health

__all__ = [
    "Instance",
    "Namespace",
    "Service",
    "deregister_instance",
    "find_instance",
    "find_namespace",
    "find_service",
    "name_of",
    "register_instance",
    "service_of_change",
    "set_health",
    "zones",
]
