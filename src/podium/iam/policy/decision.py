"""What policies decide: an explicit deny always wins, and what nobody allows is denied.

Source: IAM User Guide, "Policy evaluation logic" and "Troubleshoot access denied error messages".
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum

from podium.iam.policy.document import Document
from podium.iam.policy.request import Request


class Verdict(Enum):
    """The values are SimulatePrincipalPolicy's."""

    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


class Layer(StrEnum):
    """In the words of AWS's denials."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource-based policy"


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything that bears on one principal. `boundary` and `session` narrow; None means that there is none."""

    identity: Sequence[Document]
    boundary: Document | None = None
    session: Sequence[Document] | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """`layer` is the policy that stood in the way, None where nothing did."""

    verdict: Verdict
    layer: Layer | None = None

    @property
    def allowed(self) -> bool:
        return self.verdict is Verdict.ALLOWED


ALLOWED = Decision(Verdict.ALLOWED)


def verdict(documents: Iterable[Document], request: Request) -> Verdict:
    """What these policies say together."""
    allowed = False
    for document in documents:
        denies, allows = document.about(request.action)
        for statement in denies:
            if statement.applies(request):
                return Verdict.EXPLICIT_DENY
        if not allowed:
            for statement in allows:
                if statement.applies(request):
                    allowed = True
                    break
    return Verdict.ALLOWED if allowed else Verdict.IMPLICIT_DENY


def decide(policies: Policies, request: Request) -> Decision:
    """Every layer must allow. A layer's explicit deny is told before any layer's silence."""
    if policies.boundary is None and policies.session is None:
        said = verdict(policies.identity, request)
        return ALLOWED if said is Verdict.ALLOWED else Decision(said, Layer.IDENTITY)
    layers = [(Layer.IDENTITY, verdict(policies.identity, request))]
    if policies.boundary is not None:
        layers.append((Layer.BOUNDARY, verdict((policies.boundary,), request)))
    if policies.session is not None:
        layers.append((Layer.SESSION, verdict(policies.session, request)))
    for refusal in (Verdict.EXPLICIT_DENY, Verdict.IMPLICIT_DENY):
        for layer, said in layers:
            if said is refusal:
                return Decision(refusal, layer)
    return ALLOWED
