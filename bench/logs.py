"""`make bench-logs`: log lines through PutLogEvents into the journal, and how soon FilterLogEvents finds them.

The server has one core. Its floor is the same bytes appended to a file by that core, synced once for each request; its
peer is moto, which keeps them in memory and proves no signature. Then lines of a real container, beside `docker logs`,
and a shell in one, beside `docker exec`.
"""

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench import insides, report
from bench.process import cpu_seconds
from bench.raw import REGION, ask, measure
from bench.servers import Moto, Podium, Server
from podium_protocol.signing import Credentials, Signer

QUICK = bool(os.environ.get("QUICK"))
SECONDS = 3.0 if QUICK else 10.0
ROUNDS = 1 if QUICK else 3
FINDS = 50 if QUICK else 200
LINES, KEYS = (20_000, 50) if QUICK else (200_000, 200)
CONNECTIONS = 4
LINE = "2026-01-01T00:00:00Z INFO request method=GET path=/orders/{:08} status=200 ms=12 " + "x" * 110
GOAL = 10_000  # lines a second
FOUND_MS = 50.0
CORE = "0"


class _Logs(Server):
    """A server with one core, a log group and a few streams."""

    def command(self) -> list[str]:
        return ["taskset", "-c", CORE, *super().command()]

    def prepare(self) -> None:
        logs = self.client("logs")
        logs.create_log_group(logGroupName="bench")
        for number in range(CONNECTIONS):
            logs.create_log_stream(logGroupName="bench", logStreamName=str(number))

    def request(self, operation: str, members: dict[str, Any]) -> bytes:
        """One signed request of CloudWatch Logs."""
        credentials = Credentials(access_key_id=self.key[0], secret_access_key=self.key[1])
        signer = Signer(credentials=credentials, region=REGION, service="logs")
        host, body = f"127.0.0.1:{self.port}", json.dumps(members).encode()
        extra = {"X-Amz-Target": f"Logs_20140328.{operation}", "Content-Type": "application/x-amz-json-1.1"}
        signed = signer.headers("POST", host, "/", body=body, extra=extra)
        headers = {"Host": host, "Content-Length": str(len(body)), **signed}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"POST / HTTP/1.1\r\n{lines}\r\n".encode() + body

    def put(self, number: int, lines: list[str]) -> bytes:
        now = int(time.time() * 1000)
        events = [{"timestamp": now, "message": line} for line in lines]
        stream = str(number % CONNECTIONS)
        return self.request("PutLogEvents", {"logGroupName": "bench", "logStreamName": stream, "logEvents": events})


class LogPodium(_Logs, Podium):
    def prepare(self) -> None:
        keys = json.loads((self.folder / "credentials.json").read_text())
        self.key = keys["root"]["accessKeyId"], keys["root"]["secretAccessKey"]
        super().prepare()

    def close(self) -> None:
        Server.close(self)


class LogMoto(_Logs, Moto):
    pass


def main() -> None:
    began = time.monotonic()
    podium, moto = LogPodium(), LogMoto()
    try:
        rows = [_written(podium, moto, batch) for batch in (100, 1000)]
        rows.append(_found(podium))
    finally:
        podium.close()
        moto.close()
    rows += insides.rows(LINES, KEYS)
    _print(rows)
    report.keep("logs", rows, {"quick": QUICK, "seconds": round(time.monotonic() - began, 1), "line_bytes": len(LINE)})


def _written(podium: LogPodium, moto: LogMoto, batch: int) -> dict[str, Any]:
    """Lines a second, in the median round; and for each second that the server's core was busy."""
    print(f"bench: PutLogEvents of {batch} lines, {CONNECTIONS} at once", flush=True)
    lines = [LINE.format(number) for number in range(batch)]
    ours, busy, floors, theirs = list[float](), list[float](), list[float](), list[float]()
    for _ in range(ROUNDS):
        spent = cpu_seconds(podium.process.pid)
        took = measure(podium.address, [podium.put(n, lines) for n in range(16)], SECONDS, CONNECTIONS)
        assert took.failed == 0, "Podium failed at PutLogEvents"
        busy.append(took.calls * batch / (cpu_seconds(podium.process.pid) - spent))
        ours.append(took.per_second * batch)
        floors.append(_appended("\n".join(lines).encode()) * batch)
        theirs.append(measure(moto.address, [moto.put(n, lines) for n in range(16)], 1.0, 1).per_second * batch)
    rate, floor, peer = (report.median(found) for found in (ours, floors, theirs))
    return {
        "figure": f"lines a second, {batch} in a request",
        "ours": round(rate),
        "ours_for_each_second_of_cpu": round(report.median(busy)),
        "floor": round(floor),
        "peer": round(peer),
        "ratio": round(rate / floor, 3),
        "goal": f"{GOAL:,} a second on one core",
        "met": rate >= GOAL,
    }


def _appended(data: bytes) -> float:
    """Times a second that a file takes so many bytes, synced."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.open(Path(folder) / "floor", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        began, count = time.perf_counter(), 0
        while (spent := time.perf_counter() - began) < 1.0:
            os.write(file, data)
            os.fdatasync(file)
            count += 1
        os.close(file)
    return count / spent


def _found(podium: LogPodium) -> dict[str, Any]:
    """A line is put, and asked for at once, in a group that holds all that was written before."""
    print("bench: FilterLogEvents after PutLogEvents", flush=True)
    took, looked = list[float](), list[float]()
    for number in range(FINDS):
        word = f"needle{number}"
        since = int(time.time() * 1000) - 1000
        began = time.perf_counter()
        ask(podium.address, podium.put(0, [word]))
        put = time.perf_counter()
        asked = {"logGroupName": "bench", "startTime": since, "filterPattern": word}
        events = ask(podium.address, podium.request("FilterLogEvents", asked))["events"]
        assert [event["message"] for event in events] == [word]
        took.append((time.perf_counter() - began) * 1000)
        looked.append((time.perf_counter() - put) * 1000)
    took.sort()
    return {
        "figure": "ms from a put until FilterLogEvents has shown it",
        "ours": round(report.median(took), 2),
        "p99": round(took[int(len(took) * 0.99)], 2),
        "of_that_looking": round(report.median(looked), 2),
        "floor": None,
        "peer": None,
        "ratio": None,
        "goal": f"within {FOUND_MS:.0f} ms",
        "met": report.median(took) <= FOUND_MS,
    }


def _print(rows: list[dict[str, Any]]) -> None:
    table = Table(title="bench-logs", title_justify="left")
    for heading in ("figure", "Podium", "floor", "peer", "ratio to floor", "goal", "met"):
        table.add_column(heading, justify="left" if heading in ("figure", "goal") else "right")
    for row in rows:
        cells = [f"{row[name]:,}" if row[name] is not None else "" for name in ("ours", "floor", "peer", "ratio")]
        table.add_row(row["figure"], *cells, row["goal"], "yes" if row["met"] else "no")
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
