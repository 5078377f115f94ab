"""`python -m podium_proxy.dns undo`: the host asks whom it asked before. For whoever ended without doing so."""

import argparse
import sys

from podium_proxy.dns.host import Host, undo


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="podium_proxy.dns", description="Gives the host its own name servers back.")
    parser.add_argument("what", choices=["undo"])
    parser.parse_args(arguments)
    try:
        undo(Host())
    except OSError as error:
        print(f"the host's name servers cannot be restored: {error}", file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
