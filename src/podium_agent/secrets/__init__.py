"""Values that a container has from Parameter Store and Secrets Manager, fetched with its task's execution role.

They go from the answer into Docker's body, or into files on a tmpfs, and are kept nowhere else by the agent.
"""

from podium_agent.secrets.placing import contents, into
from podium_agent.secrets.values import SecretError, fetched

__all__ = ["SecretError", "contents", "fetched", "into"]
