"""Policy documents: what they may say, and what they decide. Pure: nothing here reads a record or a clock."""

from podium.iam.policy.decision import Decision, Layer, Policies, Verdict, decide, verdict
from podium.iam.policy.document import Document, Statement, compiled
from podium.iam.policy.grammar import Kind, validate
from podium.iam.policy.request import Context, Facts, Request
from podium.iam.policy.trust import Reach, Who, trusted

__all__ = [
    "Context",
    "Decision",
    "Document",
    "Facts",
    "Kind",
    "Layer",
    "Policies",
    "Reach",
    "Request",
    "Statement",
    "Verdict",
    "Who",
    "compiled",
    "decide",
    "trusted",
    "validate",
    "verdict",
]
