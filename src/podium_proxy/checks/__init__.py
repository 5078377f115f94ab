"""ELB's health checks: what is asked, what an answer means, and when to look again."""
