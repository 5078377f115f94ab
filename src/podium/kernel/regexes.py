"""Regular expressions of users, matched in linear time whatever they say."""

MOST_MEMORY = 2**20  # bytes for one expression's automata


class NotARegex(Exception):
    """The sentence says why."""


class Regex:
    """RE2's syntax: AWS's and Java's, without what looks around or back. Raises NotARegex."""

    def __init__(self, text: str) -> None:
        import re2  # 5 MiB that a server need not have before somebody asks

        options = re2.Options()
        options.log_errors, options.max_mem = False, MOST_MEMORY
        try:
            self._found = re2.compile(text, options)
        except re2.error as error:
            raise NotARegex(_said(error)) from error
        self.names = tuple(self._found.groupindex)

    def within(self, text: str) -> bool:
        return self._found.search(text) is not None

    def is_all_of(self, text: str) -> bool:
        return self._found.fullmatch(text) is not None

    def groups(self, text: str) -> dict[str, str] | None:
        """What the named groups hold, where the expression is found at all; those that took no part hold nothing."""
        found = self._found.search(text)
        return None if found is None else {name: found.group(name) or "" for name in self.names}


def _said(error: Exception) -> str:
    told = error.args[0] if error.args else ""
    return told.decode(errors="replace") if isinstance(told, bytes) else str(told)
