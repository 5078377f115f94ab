"""Values that a container has from Parameter Store and Secrets Manager, fetched with its task's execution role.

They go from the answer into Docker's body and are kept nowhere by the agent.
"""

from podium_agent.secrets.values import SecretError, into

__all__ = ["SecretError", "into"]
