"""A gRPC call with an empty message, for its status alone."""

import asyncio

import grpc


async def status(address: str, port: int, path: str) -> tuple[int | None, str]:
    """The code and what was said with it. None when there was no gRPC to speak of, with why."""
    async with grpc.aio.insecure_channel(
        f"{address}:{port}", options=[("grpc.enable_retries", 0), ("grpc.use_local_subchannel_pool", 1)]
    ) as channel:
        call = channel.unary_unary(path, request_serializer=bytes, response_deserializer=bytes)
        try:
            await call(b"")
        except grpc.aio.AioRpcError as error:
            return _read(error)
        except asyncio.CancelledError:
            raise
    return 0, "OK"


def _read(error: grpc.aio.AioRpcError) -> tuple[int | None, str]:
    details = error.details() or ""
    if error.code() is grpc.StatusCode.UNAVAILABLE:
        return None, "connection refused" if "refused" in details else details[:200]
    return int(error.code().value[0]), details[:200]
