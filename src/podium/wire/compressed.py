"""Bodies that a client sends in gzip: SDKs do, for PutMetricData, from 10 KiB on. A signature is of what was sent."""

import zlib
from dataclasses import replace

from podium.wire.errors import SerializationException
from podium.wire.message import Request

MOST_BYTES = 16 * 1024 * 1024  # once opened
_GZIP = zlib.MAX_WBITS | 16


def opened(request: Request) -> Request:
    """The request as it was before it was compressed. Raises SerializationException."""
    opening = zlib.decompressobj(_GZIP)
    try:
        body = opening.decompress(request.body, MOST_BYTES)
    except zlib.error as error:
        raise SerializationException("The request body is not in gzip, as its Content-Encoding says.") from error
    if opening.unconsumed_tail:
        raise SerializationException(f"The request body is larger than {MOST_BYTES} bytes once it is uncompressed.")
    if not opening.eof:
        raise SerializationException("The compressed request body is cut short.")
    return replace(request, body=body)
