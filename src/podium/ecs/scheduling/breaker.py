"""The deployment circuit breaker.

Source: Amazon ECS Developer Guide, "How the Amazon ECS deployment circuit breaker detects failures".
"""

LEAST, MOST = 3, 200


def threshold(desired_count: int) -> int:
    """Failed tasks that end a deployment: half of the desired count, at least 3 and at most 200."""
    return max(LEAST, min(MOST, -(-desired_count // 2)))
