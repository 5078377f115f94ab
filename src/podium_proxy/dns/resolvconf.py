"""The host's list of resolvers, and the line of ours at its top.

Source: resolv.conf(5).
"""

from ipaddress import ip_address

PATH = "/etc/resolv.conf"
BEGIN = "# podium: begin. Added by `podium up --dns`, and taken away when it ends.\n"
END = "# podium: end.\n"
PORT = 53


def nameservers(text: str) -> list[tuple[str, int]]:
    """Those of the list, without ours."""
    found = []
    for line in undone(text).splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver" and _is_address(words[1]):
            found.append((words[1], PORT))
    return found


def _is_address(word: str) -> bool:
    try:
        ip_address(word.partition("%")[0])
    except ValueError:
        return False
    return True


def done(text: str, address: str) -> str:
    """The list with ours first. Whoever reads it asks the others once ours is gone."""
    return f"{BEGIN}nameserver {address}\n{END}{undone(text)}"


def undone(text: str) -> str:
    """The list as it was; the very same text where there is nothing of ours."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    return before + after if begin and end else text
