"""Timestamps, blobs and numbers as text, shared by the protocols."""

import base64
import binascii
import math
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from podium.wire.errors import SerializationException

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INTEGERS = {"integer": ("int", 31), "long": ("long", 63)}


def timestamp_to_number(value: datetime) -> float | int:
    """Seconds since 1970, to the millisecond, as AWS's JSON writes them."""
    seconds, rest = math.floor(value.timestamp()), value.microsecond // 1000
    return (seconds * 1000 + rest) / 1000 if rest else seconds


def timestamp_to_text(value: datetime, form: str) -> str:
    """`form` is the model's timestampFormat: iso8601, rfc822 (whole seconds only) or unixTimestamp."""
    value = value.astimezone(UTC)
    if form == "iso8601":
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if form == "rfc822":
        return format_datetime(value.replace(microsecond=0), usegmt=True)
    return str(timestamp_to_number(value))


def timestamp_from_number(value: float | int) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=round(value * 1_000_000))
    except (OverflowError, ValueError) as error:
        raise SerializationException("A timestamp is out of range.") from error


def timestamp_from_text(text: str) -> datetime:
    """Any of AWS's three forms: a client may write another than the model names."""
    try:
        if "," in text:
            return parsedate_to_datetime(text).astimezone(UTC)
        if "-" in text[1:] and "e" not in text.lower():
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        return timestamp_from_number(float(text))
    except (ValueError, OverflowError) as error:
        raise SerializationException(f"{text!r} is not a timestamp.") from error


def blob_to_text(value: bytes | str) -> str:
    return base64.b64encode(value.encode() if isinstance(value, str) else value).decode()


def blob_from_text(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise SerializationException("A blob is not valid base64.") from error


def integer_from_text(text: str, kind: str) -> int:
    try:
        return within(int(text), kind)
    except ValueError as error:
        raise SerializationException(f"{text!r} is not an integer.") from error


def within(value: int, kind: str) -> int:
    """`value`, when an integer or long of AWS's can hold it."""
    name, bits = _INTEGERS.get(kind, _INTEGERS["long"])
    if -(2**bits) <= value < 2**bits:
        return value
    raise SerializationException(f"Numeric value ({value}) out of range of {name} ({-(2**bits)} - {2**bits - 1})")


def float_from_text(text: str) -> float:
    try:
        return float(text)
    except ValueError as error:
        raise SerializationException(f"{text!r} is not a number.") from error


def float_to_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return repr(float(value))


def boolean_from_text(text: str) -> bool:
    """`true` or `false` in any case; AWS's older clients write `True` and `1`."""
    lowered = text.lower()
    if lowered in ("true", "1"):
        return True
    if lowered in ("false", "0"):
        return False
    raise SerializationException(f"{text!r} is not a boolean.")


def boolean_to_text(value: bool) -> str:
    return "true" if value else "false"
