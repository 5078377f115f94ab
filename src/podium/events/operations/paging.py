"""Lists in pages."""

from podium.events.errors import Invalid
from podium.kernel.pages import Paging

page = Paging(usual=100, size="Limit", refused=lambda: Invalid("Parameter NextToken is not valid.")).page
