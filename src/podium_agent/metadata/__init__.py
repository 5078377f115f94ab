"""The task metadata endpoint, where a container learns who it is."""
