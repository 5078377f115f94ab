"""CloudWatch Logs: groups and streams, and what is settled for them, and the events in them.

Groups and streams are records. Events are in a journal, outside the core (`podium.journals.events`).
"""
