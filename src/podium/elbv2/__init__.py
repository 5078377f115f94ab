"""Load balancers. What other services use of them is named here."""
