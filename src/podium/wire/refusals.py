"""Why a caller is not believed, in the words of each family of services.

Source: AWS's "Common errors" and answers that clients have printed; the statuses are those clients have seen.
"""

from podium.wire.errors import SignatureError
from podium.wire.http import manner
from podium.wire.message import Request
from podium.wire.scope import scope_of

MISSING = "missing"
INCOMPLETE = "incomplete"
UNKNOWN_KEY = "unknown key"
WRONG_SIGNATURE = "wrong signature"
WRONG_PAYLOAD = "wrong payload"
UNSIGNED_HEADERS = "unsigned headers"
STALE = "stale"
EXPIRED = "expired"
EXPIRED_SESSION = "expired session"

_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)
_S3_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your key and signing method."
)
_UNSIGNED = "Missing Authentication Token"
_UNKNOWN = "The security token included in the request is invalid."
_EXPIRED = "Signature expired."
_MALFORMED = "The request signature does not conform to AWS standards."
_SESSION_ENDED = "The security token included in the request is expired"
_EC2 = "AWS was not able to validate the provided access credentials"

# family -> reason -> (code, status, sentence unless a better one is known)
_SAYINGS: dict[str, dict[str, tuple[str, int, str]]] = {
    "json": {
        MISSING: ("MissingAuthenticationTokenException", 400, _UNSIGNED),
        INCOMPLETE: ("IncompleteSignatureException", 400, _MALFORMED),
        UNKNOWN_KEY: ("UnrecognizedClientException", 400, _UNKNOWN),
        WRONG_SIGNATURE: ("InvalidSignatureException", 400, _MISMATCH),
        STALE: ("InvalidSignatureException", 400, _EXPIRED),
        EXPIRED_SESSION: ("ExpiredTokenException", 400, _SESSION_ENDED),
    },
    "query": {
        MISSING: ("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
        INCOMPLETE: ("IncompleteSignature", 400, _MALFORMED),
        UNKNOWN_KEY: ("InvalidClientTokenId", 403, _UNKNOWN),
        WRONG_SIGNATURE: ("SignatureDoesNotMatch", 403, _MISMATCH),
        STALE: ("SignatureDoesNotMatch", 403, _EXPIRED),
        EXPIRED_SESSION: ("ExpiredToken", 403, _SESSION_ENDED),
    },
    "ec2": {
        MISSING: ("MissingAuthenticationToken", 403, "Request is missing Authentication Token"),
        INCOMPLETE: ("IncompleteSignature", 400, _MALFORMED),
        UNKNOWN_KEY: ("AuthFailure", 401, _EC2),
        WRONG_SIGNATURE: ("AuthFailure", 401, _EC2),
        STALE: ("RequestExpired", 400, "Request has expired."),
        EXPIRED_SESSION: ("RequestExpired", 400, "Request has expired."),
    },
    "s3": {
        MISSING: ("AccessDenied", 403, "Access Denied"),
        INCOMPLETE: ("AuthorizationHeaderMalformed", 400, "The authorization header that you provided is not valid."),
        UNKNOWN_KEY: ("InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."),
        WRONG_SIGNATURE: ("SignatureDoesNotMatch", 403, _S3_MISMATCH),
        WRONG_PAYLOAD: (
            "XAmzContentSHA256Mismatch",
            400,
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        ),
        UNSIGNED_HEADERS: ("AccessDenied", 403, "There were headers present in the request which were not signed"),
        STALE: (
            "RequestTimeTooSkewed",
            403,
            "The difference between the request time and the current time is too large.",
        ),
        EXPIRED: ("AccessDenied", 403, "Request has expired"),
        EXPIRED_SESSION: ("ExpiredToken", 400, "The provided token has expired."),
    },
}
_SAYINGS["rest"] = {reason: (code, 403, said) for reason, (code, _, said) in _SAYINGS["json"].items()}
_FAMILIES = {"json": "json", "smithy-rpc-v2-cbor": "json", "query": "query", "ec2": "ec2"}

# A reason a family has no words of its own for is told as this other one.
_INSTEAD = {WRONG_PAYLOAD: WRONG_SIGNATURE, UNSIGNED_HEADERS: WRONG_SIGNATURE, EXPIRED: STALE}


def refusal(reason: str, request: Request, sentence: str | None = None) -> SignatureError:
    """The error for `reason`. S3 and EC2 keep to their own sentences, the rest say what was wrong."""
    family = "s3" if scope_of(request) == "s3" else _FAMILIES.get(manner(request), "rest")
    sayings = _SAYINGS[family]
    code, status, said = sayings.get(reason) or sayings[_INSTEAD[reason]]
    own_words = family in ("s3", "ec2") and reason != INCOMPLETE
    return SignatureError(code, status, said if own_words or sentence is None else sentence)
