"""ELB's wildcards as the regular expressions that Envoy takes (RE2): `*` is any text, `?` any one character."""

import re

_SPECIAL = re.compile(r"([.+^$(){}\[\]|\\])")


def pattern(text: str, *, anything: str = ".") -> str:
    """`anything` is what a wildcard may stand for, such as `[^&]`."""
    quoted = _SPECIAL.sub(r"\\\1", text)
    return quoted.replace("*", f"{anything}*").replace("?", anything)


def has_wildcards(text: str) -> bool:
    return "*" in text or "?" in text


def any_of(patterns: list[str]) -> str:
    return patterns[0] if len(patterns) == 1 else "(?:" + "|".join(patterns) + ")"
