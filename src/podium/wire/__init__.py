"""AWS's protocols, both ways, over the service models that botocore publishes. Knows no service."""
