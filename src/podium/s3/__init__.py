"""Amazon S3, as far as environment files and logs need it: buckets, their policies, and objects.

Buckets are records. Objects are in a journal of their own, which is looked at in threads.
"""

from podium.s3.writers import Writer, lets_write

__all__ = ["Writer", "lets_write"]
