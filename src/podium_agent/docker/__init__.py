"""Docker Engine, through its HTTP API: the hands and eyes of the agent's engine."""
