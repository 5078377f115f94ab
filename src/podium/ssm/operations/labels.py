"""Labels of versions."""

from typing import Any

from podium.kernel.call import Call
from podium.ssm import labels, names
from podium.ssm.records import Parameter, ParameterVersion
from podium.ssm.service import ssm
from podium.store.records import replace
from podium.store.session import Transaction


@ssm.operation
def label_parameter_version(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """What cannot be a label is answered apart, and the rest is put."""
    held = names.parameter(call, tx, request["Name"])
    version = _version(tx, held, request.get("ParameterVersion") or held.latest)
    good, bad = labels.sorted_out(request["Labels"])
    for changed in labels.put(names.versions(tx, held), version.number, good):
        tx.put(changed)
    return {"InvalidLabels": bad, "ParameterVersion": version.number}


@ssm.operation
def unlabel_parameter_version(call: Call, tx: Transaction, request: dict[str, Any]) -> dict[str, Any]:
    """What is no label of the version is answered apart."""
    held = names.parameter(call, tx, request["Name"])
    version, asked = _version(tx, held, request["ParameterVersion"]), dict.fromkeys(request["Labels"])
    tx.put(replace(version, labels=tuple(label for label in version.labels if label not in asked)))
    return {
        "RemovedLabels": [label for label in asked if label in version.labels],
        "InvalidLabels": [label for label in asked if label not in version.labels],
    }


def _version(tx: Transaction, held: Parameter, number: int) -> ParameterVersion:
    return names.selected(tx, held, str(number))
