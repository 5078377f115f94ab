"""Documented cases: a call, the answer that is documented, and where it is documented."""
