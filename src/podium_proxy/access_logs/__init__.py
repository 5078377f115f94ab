"""Access logs: what Envoy wrote down of requests, as the load balancers' own files, handed to the control plane."""
