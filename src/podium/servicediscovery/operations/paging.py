"""Lists in pages."""

from podium.kernel.pages import Paging
from podium.servicediscovery.errors import InvalidInput

page = Paging(usual=100, refused=lambda: InvalidInput("Invalid NextToken.")).page
