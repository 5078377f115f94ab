"""Queries of Logs Insights: fields, filter, parse, stats, sort, dedup, limit and display.

Source: Amazon CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax".
"""

from podium.logs.insights.queries import MOST_ROWS, Query, parsed

__all__ = ["MOST_ROWS", "Query", "parsed"]
