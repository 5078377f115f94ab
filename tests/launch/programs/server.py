"""Stands in for the server: the files, the lock, the health page and the few calls that the launcher makes."""

import argparse
import fcntl
import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

STOPPED = {
    "version": "0",
    "detail-type": "ECS Task State Change",
    "source": "aws.ecs",
    "time": "2026-06-01T12:00:00Z",
    "resources": ["arn:aws:ecs:us-east-1:123456789012:task/default/1"],
    "detail": {"lastStatus": "RUNNING", "desiredStatus": "STOPPED", "stoppedReason": "Task stopped by user"},
}
EVENTS = {"kept": True, "last": "1", "events": [{"key": "1", "event": STOPPED}]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        told = {"status": "ok", "version": "0", "account": "123456789012", "region": self.server.region}
        traffic = {"linked": True, "trouble": None, "resolver": None, "loadBalancers": []}
        pages = {"/_podium/health": told, "/_podium/strangers": {"strangers": []}, "/_podium/events": EVENTS}
        pages["/_podium/traffic"] = traffic
        self.answer(pages.get(self.path.partition("?")[0]))

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = (self.headers.get("X-Amz-Target") or self.path).rpartition(".")[2]
        with (self.server.root / "asked").open("a") as file:
            file.write(json.dumps([asked, body, self.headers["Authorization"].split()[1]]) + "\n")
        self.answer(
            {
                "/_podium/down": {"stopped": 2},
                "ListClusters": {"clusterArns": ["arn:aws:ecs:us-east-1:123456789012:cluster/default"]},
                "ListContainerInstances": {"containerInstanceArns": ["arn:instance/1"]},
                "DescribeClusters": {"clusters": [self.cluster()]},
                "DescribeContainerInstances": {"containerInstances": self.instances()},
            }.get(asked, {})
        )

    def cluster(self):
        return {
            "clusterName": "default",
            "clusterArn": "arn",
            "status": "ACTIVE",
            "registeredContainerInstancesCount": len(self.instances()),
        }

    def instances(self):
        joined = sorted(self.server.root.glob("agents/*/joined"))
        return [
            {
                "containerInstanceArn": f"arn:instance/{path.parent.name}",
                "status": "ACTIVE",
                "agentConnected": True,
                "attributes": [],
            }
            for path in joined
        ]

    def answer(self, members):
        body = json.dumps(members).encode()
        self.send_response(404 if members is None else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


def end_with_parent():
    import ctypes

    ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    if os.getppid() != int(os.environ["PODIUM_PARENT"]):
        sys.exit(0)


def main():
    parser = argparse.ArgumentParser()
    for name in ("--data-dir", "--host", "--timing", "--account-id", "--region"):
        parser.add_argument(name)
    parser.add_argument("--port", type=int)
    parser.add_argument("--keep-stopped-tasks", type=float)
    parser.add_argument("--lost-after")
    parser.add_argument("--events")
    parser.add_argument("--metrics")
    parser.add_argument("--limits")
    parser.add_argument("--lost-share", type=int)
    parser.add_argument("--default-vpc")
    parser.add_argument("--public-addresses")
    for flag in ("--insecure", "--allow-reset", "--throttle"):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_args()
    root = Path(options.data_dir)
    if "PODIUM_PARENT" in os.environ:
        end_with_parent()
    lock = (root / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.stderr.write("the data dir is locked\n")
        sys.exit(3)
    if (root / "broken").exists():
        sys.stderr.write("something first\n" + (root / "broken").read_text() + "\n")
        sys.exit(int((root / "broken-code").read_text()))
    key = {"accessKeyId": os.environ.get("PODIUM_ROOT_ACCESS_KEY", "AKID"), "secretAccessKey": "a-secret-key"}
    (root / "credentials.json").write_text(json.dumps({"root": key, "agent": key}))
    with (root / "starts").open("a") as file:
        file.write(json.dumps({"pid": os.getpid(), "argv": sys.argv[1:], "environ": dict(os.environ)}) + "\n")
    server = ThreadingHTTPServer((options.host, options.port), Handler)
    server.root, server.region = root, options.region
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    told = {
        "pid": os.getpid(),
        "url": f"http://{options.host}:{server.server_port}",
        "startedAt": "2026-01-01T00:00:00+00:00",
    }
    (root / "run" / "server.json").write_text(json.dumps(told))
    server.serve_forever(poll_interval=0.01)
    server.server_close()
    (root / "run" / "server.json").unlink()
    with (root / "ends").open("a") as file:
        file.write("server\n")


main()
