"""Lists in pages."""

from podium.kernel.pages import Paging
from podium.scheduler.errors import Invalid

page = Paging(usual=100, refused=lambda: Invalid("Invalid NextToken.")).page
