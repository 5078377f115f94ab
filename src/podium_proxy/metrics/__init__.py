"""What Envoy counted, as CloudWatch's metrics of load balancers, by the minute."""
