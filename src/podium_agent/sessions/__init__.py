"""Sessions of ECS Exec on this host: the agent dials in for each, and runs its command or reaches its port."""
