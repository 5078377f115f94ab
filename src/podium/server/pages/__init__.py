"""Podium's own pages under /_podium, one module for each thing that one may want there."""
