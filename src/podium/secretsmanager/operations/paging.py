"""Lists in pages."""

from podium.kernel.pages import Paging
from podium.secretsmanager.errors import InvalidNextToken

page = Paging(usual=100, refused=InvalidNextToken).page
batch = Paging(usual=20, refused=InvalidNextToken).page
