"""Envoy as a process of the host's: it outlives the process that watches over it."""
