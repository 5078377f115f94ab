"""The `podium` command. Knows the launcher; otherwise speaks only the public API."""
