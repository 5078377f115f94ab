"""What S3 refuses, in its own words.

Source: Amazon S3 API Reference, "Error responses".
"""

from podium.kernel.errors import ClientError


class NoSuchBucket(ClientError):
    code, status = "NoSuchBucket", 404

    def __init__(self, name: str) -> None:
        super().__init__("The specified bucket does not exist", BucketName=name)


class NoSuchKey(ClientError):
    code, status = "NoSuchKey", 404

    def __init__(self, key: str) -> None:
        super().__init__("The specified key does not exist.", Key=key)


class NoSuchUpload(ClientError):
    code, status = "NoSuchUpload", 404

    def __init__(self) -> None:
        super().__init__(
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
            "completed."
        )


class NoSuchBucketPolicy(ClientError):
    code, status = "NoSuchBucketPolicy", 404

    def __init__(self) -> None:
        super().__init__("The bucket policy does not exist")


class NoSuchTagSet(ClientError):
    code, status = "NoSuchTagSet", 404

    def __init__(self) -> None:
        super().__init__("The TagSet does not exist")


class NoSuchPublicAccessBlock(ClientError):
    code, status = "NoSuchPublicAccessBlockConfiguration", 404

    def __init__(self) -> None:
        super().__init__("The public access block configuration was not found")


class BucketAlreadyOwnedByYou(ClientError):
    code, status = "BucketAlreadyOwnedByYou", 409

    def __init__(self) -> None:
        super().__init__("Your previous request to create the named bucket succeeded and you already own it.")


class BucketAlreadyExists(ClientError):
    code, status = "BucketAlreadyExists", 409

    def __init__(self) -> None:
        super().__init__(
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
            "Please select a different name and try again."
        )


class BucketNotEmpty(ClientError):
    code, status = "BucketNotEmpty", 409

    def __init__(self) -> None:
        super().__init__("The bucket you tried to delete is not empty")


class InvalidBucketName(ClientError):
    code = "InvalidBucketName"

    def __init__(self) -> None:
        super().__init__("The specified bucket is not valid.")


class IllegalLocation(ClientError):
    code = "IllegalLocationConstraintException"

    def __init__(self, wanted: str) -> None:
        super().__init__(
            f"The {wanted or 'unspecified'} location constraint is incompatible for the region specific endpoint this "
            "request was sent to."
        )


class MalformedPolicy(ClientError):
    code = "MalformedPolicy"


class InvalidArgument(ClientError):
    code = "InvalidArgument"


class InvalidRequest(ClientError):
    code = "InvalidRequest"


class KeyTooLong(ClientError):
    code = "KeyTooLongError"

    def __init__(self) -> None:
        super().__init__("Your key is too long")


class BadDigest(ClientError):
    code = "BadDigest"

    def __init__(self, what: str) -> None:
        super().__init__(f"The {what} you specified did not match the calculated checksum.")


class InvalidPart(ClientError):
    code = "InvalidPart"

    def __init__(self) -> None:
        super().__init__(
            "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
            "specified entity tag may not match the part's entity tag."
        )


class InvalidPartOrder(ClientError):
    code = "InvalidPartOrder"

    def __init__(self) -> None:
        super().__init__("The list of parts was not in ascending order. Parts must be ordered by part number.")


class EntityTooSmall(ClientError):
    code = "EntityTooSmall"

    def __init__(self) -> None:
        super().__init__("Your proposed upload is smaller than the minimum allowed size")


class EntityTooLarge(ClientError):
    code = "EntityTooLarge"

    def __init__(self) -> None:
        super().__init__("Your proposed upload exceeds the maximum allowed size")


class MalformedXML(ClientError):
    code = "MalformedXML"

    def __init__(self) -> None:
        super().__init__("The XML you provided was not well-formed or did not validate against our published schema")


class InvalidRange(ClientError):
    code, status = "InvalidRange", 416

    def __init__(self) -> None:
        super().__init__("The requested range is not satisfiable")


class PreconditionFailed(ClientError):
    code, status = "PreconditionFailed", 412

    def __init__(self) -> None:
        super().__init__("At least one of the pre-conditions you specified did not hold")


class NotModified(ClientError):
    code, status = "NotModified", 304

    def __init__(self) -> None:
        super().__init__("Not Modified")


class NotYet(ClientError):
    """What Podium's S3 has not learnt."""

    code, status = "NotImplemented", 501
