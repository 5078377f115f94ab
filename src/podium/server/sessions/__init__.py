"""ECS Exec's bytes: the sessions that are going on, each between whoever asked for it and the agent of its host.

`visitors` are those who ask: an unmodified session-manager-plugin on a data channel, or the `podium` command.
`live` is one session and what it hands on. `doors` lets them in: it knows tokens, permissions, and what is on record.
"""
