"""Container images made without a registry: from Debian's packages, wheels and files, the same bytes each time."""
