"""The network of awsvpc tasks on this host: each task a namespace of its own, an address, and rules.

Nothing is bridged: the host routes one address to each task, so that every packet of a task passes
the host's forwarding, where its security groups are enforced.
"""
