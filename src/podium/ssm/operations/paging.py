"""Lists in pages."""

from podium.kernel.pages import Paging
from podium.ssm.errors import InvalidNextToken

by_ten = Paging(usual=10, refused=InvalidNextToken).page
by_fifty = Paging(usual=50, refused=InvalidNextToken).page
