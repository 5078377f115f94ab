"""What carries traffic on a machine: Envoy, the checks of its targets, and the answers to tasks' DNS questions."""
