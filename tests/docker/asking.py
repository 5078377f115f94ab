"""Asking a task, and the task endpoint, from the host."""

import json
import urllib.error
import urllib.request
from typing import Any

from waiting import until

SECONDS = 10.0


def answer(url: str) -> str:
    """What is answered there; empty when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as response:
            return str(response.read().decode()).strip()
    except OSError:
        return ""


def answered(url: str) -> str:
    """What is answered there once somebody does."""
    return until(lambda: answer(url), "an answer")


def of_endpoint(url: str) -> tuple[int, Any]:
    """The status and the body of what the task endpoint answers, asked again when an agent that ends breaks off."""

    def asked() -> tuple[int, Any] | None:
        try:
            with urllib.request.urlopen(url, timeout=SECONDS) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as refused:
            return refused.code, json.load(refused)
        except OSError:
            return None

    return until(asked, "an agent to answer")
