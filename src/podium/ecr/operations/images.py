"""Images, of which there are none: nothing can be pushed yet."""

from typing import Any

from podium.ecr import names
from podium.ecr.errors import ImageNotFound
from podium.ecr.service import ecr
from podium.kernel.call import Call
from podium.store.session import Transaction

Image = dict[str, str]


@ecr.operation(reads=True)
def list_images(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    names.repository(call, tx, request)
    return {"imageIds": []}


@ecr.operation(reads=True)
def describe_images(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    names.repository(call, tx, request)
    for wanted in request.get("imageIds") or ():
        raise _missing(call, request, wanted)
    return {"imageDetails": []}


@ecr.operation(reads=True)
def batch_get_image(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    names.repository(call, tx, request)
    return {"images": [], "failures": [_failure(wanted) for wanted in request["imageIds"]]}


@ecr.operation
def batch_delete_image(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    names.repository(call, tx, request)
    return {"imageIds": [], "failures": [_failure(wanted) for wanted in request["imageIds"]]}


@ecr.operation(reads=True)
def batch_check_layer_availability(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    names.repository(call, tx, request)
    layers = [{"layerDigest": digest, "layerAvailability": "UNAVAILABLE"} for digest in request["layerDigests"]]
    return {"layers": layers, "failures": []}


@ecr.operation
def start_image_scan(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    names.repository(call, tx, request)
    raise _missing(call, request, request["imageId"])


@ecr.operation(reads=True)
def describe_image_scan_findings(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    names.repository(call, tx, request)
    raise _missing(call, request, request["imageId"])


def _missing(call: Call, request: dict[str, Any], wanted: Image) -> ImageNotFound:
    return ImageNotFound(wanted.get("imageDigest"), wanted.get("imageTag"), request["repositoryName"], call.account)


def _failure(wanted: Image) -> dict[str, Any]:
    return {"imageId": wanted, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
