"""Podium as a container beside the engine, for where this machine cannot reach the engine's network.

The container holds all of Podium, in the engine's own network. Here runs only a door: it listens where AWS clients
look, and carries their connections through the engine's API. So whatever reaches the engine reaches Podium.
"""
