"""Every documented case holds, and there are enough of them, from sources that can be looked up."""

import json
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from inprocess import ACCOUNT, REGION, Plane
from parity.cases import companions, grants, scenes  # noqa: F401  (more givens)
from parity.cases.case import ANY, Case, filled, matches
from parity.cases.givens import GIVENS, Scene, document
from podium.ecs.service import ecs

HERE = Path(__file__).parent / "cases"
NO_CASES = ("__init__", "case", "companions", "givens", "grants", "scenes")
NEVER_ANSWERED = {"ContinueServiceDeployment", "DescribeGatewayRoute", "ExecuteCommand", "UpdateContainerAgent"}
NEVER_REFUSED = {"DiscoverPollEndpoint", "SubmitContainerStateChange"}  # agents are answered, whatever they ask
LEAST, MOST_INFERRED = 1_000, 0.2
CASES: list[Case] = [
    case
    for path in sorted(HERE.glob("*.py"))
    if path.stem not in NO_CASES
    for case in import_module(f"parity.cases.{path.stem}").CASES
]

TARGET = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/{{name}}/0123456789abcdef"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_as_documented(case: Case) -> None:
    scene = Scene(Plane())
    for name in ("web", "green"):
        scene.plane.group_in_use(TARGET.format(name=name))
    for word in case.given.split():
        allow, _, actions = word.partition(":")
        if allow in ("allow", "deny"):
            _grant(scene, allow.capitalize(), actions.split(","))
        else:
            GIVENS[word](scene)
    call = getattr(scene.client(case.service, case.by), xform_name(case.operation))
    request = filled(case.request, scene.words)
    if case.refused is not None:
        with pytest.raises(ClientError) as caught:
            call(**request)
        error = caught.value.response["Error"]
        code, sentence = case.refused
        assert code is ANY or error["Code"] == code, error
        assert sentence is None or error["Message"] == filled(sentence, scene.words)
        return
    answer = json.loads(json.dumps(call(**request), default=str))
    assert matches(answer, filled(case.answer, scene.words)) is None, matches(answer, filled(case.answer, scene.words))


def _grant(scene: Scene, effect: str, actions: list[str]) -> None:
    """Ann's policy says this too: `allow:ecs:ListClusters,iam:*`."""
    scene.iam.put_user_policy(
        UserName="ann",
        PolicyName=f"{effect}-{'-'.join(actions)}".replace(":", ".").replace("*", "all"),
        PolicyDocument=document({"Effect": effect, "Action": actions, "Resource": "*"}),
    )


def test_there_are_enough_of_them_and_few_are_our_own_reading() -> None:
    inferred = sum(case.inferred for case in CASES)
    assert len(CASES) >= LEAST, f"{len(CASES)} cases"
    assert inferred <= len(CASES) * MOST_INFERRED, f"{inferred} of {len(CASES)} cases are inferred"


def test_each_has_a_name_a_source_and_one_outcome() -> None:
    assert [name for name, count in Counter(case.name for case in CASES).items() if count > 1] == []
    assert [case.name for case in CASES if len(case.source) < 10] == []
    assert [case.name for case in CASES if (case.answer is None) is (case.refused is None)] == []


def test_every_operation_of_ecs_is_answered_and_refused_somewhere() -> None:
    """But for those that cannot be yet: there are no hooks, no routes, no newer agent and no shell."""
    answered = {case.operation for case in CASES if case.service == "ecs" and case.answer is not None}
    refused = {case.operation for case in CASES if case.service == "ecs" and case.refused is not None}
    assert set(ecs.model.operation_names) - answered == NEVER_ANSWERED
    assert set(ecs.model.operation_names) - refused == NEVER_REFUSED
