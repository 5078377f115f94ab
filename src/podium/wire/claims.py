"""What a request says of its own signature, before any of it is believed."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from podium.wire import refusals
from podium.wire.canonical import query_pairs
from podium.wire.message import Request
from podium.wire.refusals import refusal

ALGORITHM = "AWS4-HMAC-SHA256"
TIME_FORMAT = "%Y%m%dT%H%M%SZ"

_LONGEST_SECONDS = 604_800
_TIME = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z")
_REGION = re.compile(r"[a-z0-9-]{1,32}")  # it goes into ARNs, where a colon would begin the next part
_PART = re.compile(r"\s*(Credential|SignedHeaders|Signature)=([^,\s]+)\s*")
_WANTED = ("Credential", "Signature", "SignedHeaders")
_WANTED_IN_QUERY = ("X-Amz-Credential", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Date", "X-Amz-Expires")


@dataclass(frozen=True, kw_only=True)
class Claim:
    """`timestamp` is `signed_at` as the client wrote it. Without `expires_seconds` the request is not presigned."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    signed_at: datetime
    expires_seconds: int | None = None
    session_token: str | None = None

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def claim_of(request: Request) -> Claim:
    """What `request` says in its Authorization header or, presigned, in its query string."""
    return _presigned(request) if "X-Amz-Algorithm=" in request.query else _from_header(request)


def _from_header(request: Request) -> Claim:
    authorization = request.headers.get("authorization", "")
    if not authorization:
        raise refusal(refusals.MISSING, request)
    algorithm, _, rest = authorization.partition(" ")
    if algorithm != ALGORITHM:
        raise refusal(refusals.INCOMPLETE, request, f"Unsupported AWS 'algorithm': '{algorithm[:32]}'.")
    parts = {found[1]: found[2] for found in map(_PART.fullmatch, rest.split(",")) if found}
    timestamp = _timestamp_of(request)
    missing = [f"Authorization header requires '{name}' parameter." for name in _WANTED if name not in parts]
    if not timestamp:
        missing.append("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    if missing:
        raise refusal(refusals.INCOMPLETE, request, " ".join(missing))
    return _claim(request, parts["Credential"], parts["SignedHeaders"], parts["Signature"], timestamp)


def _presigned(request: Request) -> Claim:
    query = {
        name.decode(errors="replace"): value.decode(errors="replace") for name, value in query_pairs(request.query)
    }
    if query.get("X-Amz-Algorithm") != ALGORITHM:
        raise refusal(refusals.INCOMPLETE, request, f'X-Amz-Algorithm only supports "{ALGORITHM}"')
    missing = [
        f"AWS query-string parameters must include '{name}'." for name in _WANTED_IN_QUERY if not query.get(name)
    ]
    if missing:
        raise refusal(refusals.INCOMPLETE, request, " ".join(missing))
    expires = query["X-Amz-Expires"]
    if not (expires.isascii() and expires.isdecimal() and len(expires) < 7 and 0 < int(expires) <= _LONGEST_SECONDS):
        raise refusal(refusals.INCOMPLETE, request, "X-Amz-Expires must be between 1 and 604800 seconds.")
    credential, headers, signature, date = (query[name] for name in _WANTED_IN_QUERY[:4])
    return _claim(request, credential, headers, signature, date, int(expires), query.get("X-Amz-Security-Token"))


def _claim(
    request: Request,
    credential: str,
    signed_headers: str,
    signature: str,
    timestamp: str,
    expires: int | None = None,
    token: str | None = None,
) -> Claim:
    # An access key id has no slash, but a careless one might.
    key, *scope = credential.rsplit("/", 4)
    if len(scope) != 4 or scope[3] != "aws4_request":
        sentence = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term."
        raise refusal(refusals.INCOMPLETE, request, sentence)
    if scope[0] != timestamp[:8]:
        sentence = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
        sentence += f"'{scope[0]}' != '{timestamp[:8]}', from '{timestamp}'."
        raise refusal(refusals.WRONG_SIGNATURE, request, sentence)
    if not _REGION.fullmatch(scope[1]):
        raise refusal(refusals.WRONG_SIGNATURE, request, "Credential should be scoped to a valid region.")
    return Claim(
        access_key_id=key,
        date=scope[0],
        region=scope[1],
        service=scope[2],
        signed_headers=tuple(signed_headers.split(";")),
        signature=signature,
        timestamp=timestamp,
        signed_at=_time(timestamp, request),
        expires_seconds=expires,
        session_token=token or request.headers.get("x-amz-security-token"),
    )


def _time(text: str, request: Request) -> datetime:
    found = _TIME.fullmatch(text)
    try:
        if found:
            year, month, day, hour, minute, second = map(int, found.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        pass
    raise refusal(refusals.INCOMPLETE, request, "Date must be in ISO-8601 'basic format'.")


def _timestamp_of(request: Request) -> str:
    """X-Amz-Date, or the Date header in the same form. Empty when there is neither."""
    stamp = request.headers.get("x-amz-date")
    if stamp:
        return stamp
    date = request.headers.get("date", "")
    try:
        return parsedate_to_datetime(date).astimezone(UTC).strftime(TIME_FORMAT) if date else ""
    except (ValueError, OverflowError):
        return date
