"""What the agent calls itself. A test keeps the number equal to the package's."""

AGENT_VERSION = "0.1.0"
AGENT_HASH = "podium"
USER_AGENT = f"podium-agent/{AGENT_VERSION}"
