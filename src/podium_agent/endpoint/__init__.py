"""The task endpoint, 169.254.170.2: where containers find their credentials, their metadata, and Podium's API.

It belongs to the host, not to an agent. One agent holds the address; it answers for its own tasks and asks its peers,
over sockets that only root can open, about all others. Who asks is known by the address that the request came from.
"""
