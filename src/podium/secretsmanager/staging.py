"""Stages: which version is the current one, which was before it, which is to be, and others of the user's own.

Source: Secrets Manager User Guide, "Secret versions"; API Reference, PutSecretValue, UpdateSecretVersionStage.
"""

from collections.abc import Iterable, Mapping

from podium.secretsmanager.errors import InvalidParameter, TooManyStages

CURRENT, PREVIOUS, PENDING = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"
MOST = 20
Stages = Mapping[str, str]  # stage -> version id


def of(stages: Stages, version_id: str) -> list[str]:
    return [stage for stage, on in stages.items() if on == version_id]


def put(stages: Stages, version_id: str, wanted: Iterable[str]) -> dict[str, str]:
    """The stages once `wanted` are on the version: whichever version ceases to be current is the previous one.

    The first version of a secret is current whatever is wanted. Raises TooManyStages.
    """
    asked = tuple(dict.fromkeys(wanted))
    before = stages.get(CURRENT)
    after = {**stages, **dict.fromkeys(asked, version_id)}
    after.setdefault(CURRENT, version_id)
    if before is not None and after[CURRENT] != before and PREVIOUS not in asked:
        after[PREVIOUS] = before
    if len(after) > MOST:
        raise TooManyStages(MOST)
    return after


def moved(stages: Stages, stage: str, out_of: str | None, onto: str | None) -> dict[str, str]:
    """The stages once one has gone from a version to another, or away. Raises InvalidParameter, TooManyStages.

    Who moves a stage must say which version has it now.
    """
    on = stages.get(stage)
    if on is not None and out_of is None and onto != on:
        raise InvalidParameter(
            f"The parameter RemoveFromVersionId can't be empty. Staging label {stage} is currently attached to version "
            f"{on}, so you must explicitly reference that version in RemoveFromVersionId."
        )
    if out_of is not None and on != out_of:
        raise InvalidParameter(f"The staging label {stage} isn't currently attached to version {out_of}.")
    if onto is not None:
        return put(stages, onto, (stage,))
    if stage == CURRENT:
        raise InvalidParameter(
            f"You can only move staging label {CURRENT} to a different secret version. It can't be completely removed."
        )
    return {name: version_id for name, version_id in stages.items() if name != stage}
