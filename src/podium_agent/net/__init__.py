"""HTTP as the agent needs it: small, quick to import, blind to proxies and certificates of the environment."""
