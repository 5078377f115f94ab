"""Documents become Envoy's resources: plain functions from ELB's words to dicts, which `messages` makes protobuf."""
