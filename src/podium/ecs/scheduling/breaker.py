"""The deployment circuit breaker.

Source: Amazon ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures".
"""

from podium.ecs.records import Service

LEAST, MOST = 3, 200


def threshold(desired_count: int, kind: str = "BOUNDED_PERCENT", value: int = 50) -> int:
    """Failed tasks that end a deployment: a number, or a percentage of the desired count, rounded up.

    A bounded percentage is at least 3 tasks and at most 200.
    """
    if kind == "COUNT":
        return value
    share = -(-desired_count * value // 100)
    return max(LEAST, min(MOST, share)) if kind == "BOUNDED_PERCENT" else max(1, share)


def threshold_of(service: Service) -> int:
    return threshold(service.desired_count, service.circuit_breaker_type, service.circuit_breaker_value)
