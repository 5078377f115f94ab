"""The control plane as a process: settings, doors, wiring."""
