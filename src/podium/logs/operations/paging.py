"""Lists in pages."""

from podium.kernel.pages import Paging
from podium.logs.errors import Invalid

page = Paging(
    usual=50,
    size="limit",
    asked="nextToken",
    told="nextToken",
    refused=lambda: Invalid("The specified nextToken is invalid."),
).page
