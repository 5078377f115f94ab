"""Asks a url all the time, from several connections that are kept, until its input ends; then prints what came of it.

Stands alone, so that it can run wherever the url is reached: `python load.py URL < something`.
"""

import http.client
import json
import sys
import threading
import urllib.parse
from collections import Counter

CLIENTS = 6
PAUSE = 0.002  # seconds between two requests of one client


def ask(url: urllib.parse.SplitResult, over: threading.Event, told: Counter[str]) -> None:
    """One client. Every request that is not answered with 200 has failed; `told` counts answers by their version."""
    connection = http.client.HTTPConnection(url.hostname or "", url.port or 80, timeout=10)
    while not over.is_set():
        try:
            connection.request("GET", url.path or "/")
            answer = connection.getresponse()
            body = answer.read()
            told[json.loads(body)["version"] if answer.status == 200 else f"failed: {answer.status}"] += 1
        except (OSError, ValueError, http.client.HTTPException) as error:
            told[f"failed: {error!r}"] += 1
            connection.close()
        over.wait(PAUSE)


def main() -> None:
    url, over = urllib.parse.urlsplit(sys.argv[1]), threading.Event()
    counts = [Counter[str]() for _ in range(CLIENTS)]
    clients = [threading.Thread(target=ask, args=(url, over, told)) for told in counts]
    for client in clients:
        client.start()
    sys.stdin.read()
    over.set()
    for client in clients:
        client.join()
    sys.stdout.write(json.dumps(sum(counts, Counter())) + "\n")


if __name__ == "__main__":
    main()
