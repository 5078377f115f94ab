"""How Envoy hears of its resources: one aggregated delta stream, over a socket in the data dir."""
