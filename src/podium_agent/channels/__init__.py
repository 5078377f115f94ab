"""The agent's two WebSockets: ACS, which tells what to run, and TCS, which is told how it goes."""
