"""Lists in pages."""

from podium.kernel.pages import Paging
from podium.logs.errors import InvalidToken

page = Paging(
    usual=50,
    size="limit",
    asked="nextToken",
    told="nextToken",
    refused=InvalidToken,
).page
