"""What carries requests beside Podium: nginx as the backend, HAProxy, an Envoy with a configuration by hand; and wrk.

Debian's packages are installed the first time, without their services being started.
"""

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.raw import until
from podium_proxy.supervision import bootstrap

_PACKAGES = {"nginx": "nginx-light", "haproxy": "haproxy", "wrk": "wrk"}
_POLICY = Path("/usr/sbin/policy-rc.d")
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}

_NGINX = """
worker_processes {threads};
pid {folder}/nginx.pid;
error_log /dev/null;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  server {{
    listen 0.0.0.0:{port} backlog=4096;
    location / {{ default_type text/plain; return 200 "{body}"; }}
  }}
}}
"""
_HAPROXY = """
global
  nbthread {threads}
  maxconn 8192
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option forwardfor
  http-reuse always
frontend front
  bind 127.0.0.1:{port}
  default_backend back
backend back
  server one 127.0.0.1:{backend}
"""
_ENVOY = """
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: front
          use_remote_address: true
          generate_request_id: false
          route_config:
            virtual_hosts:
            - {{name: all, domains: ["*"], routes: [{{match: {{prefix: "/"}}, route: {{cluster: back}}}}]}}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
  clusters:
  - name: back
    connect_timeout: 5s
    circuit_breakers:
      thresholds: [{{max_connections: 100000, max_pending_requests: 100000, max_requests: 100000}}]
    load_assignment:
      cluster_name: back
      endpoints:
      - lb_endpoints:
        - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {backend}}}}}}}
"""


@dataclass(frozen=True)
class Rate:
    per_second: float
    p99_seconds: float


def install() -> None:
    missing = [package for program, package in _PACKAGES.items() if shutil.which(program) is None]
    if not missing:
        return
    print(f"bench: installing {', '.join(missing)} from Debian", flush=True)
    ours = not _POLICY.exists()
    if ours:  # Debian would start what it installs
        _POLICY.write_text("#!/bin/sh\nexit 101\n")
        _POLICY.chmod(0o755)
    try:
        words = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment)
    finally:
        if ours:
            _POLICY.unlink()


def free_port() -> int:
    with socket.create_server(("0.0.0.0", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def nginx(threads: int, body_bytes: int = 128) -> Iterator[int]:
    """The port at which it answers, at every address of this machine."""
    port = free_port()
    text = {"threads": threads, "port": port, "body": "x" * body_bytes}
    with _serving("nginx.conf", _NGINX, ["nginx", "-g", "daemon off;", "-c"], port, text):
        yield port


@contextmanager
def haproxy(threads: int, backend: int) -> Iterator[int]:
    port = free_port()
    text = {"threads": threads, "port": port, "backend": backend}
    with _serving("haproxy.cfg", _HAPROXY, ["haproxy", "-db", "-f"], port, text):
        yield port


@contextmanager
def envoy(threads: int, backend: int) -> Iterator[int]:
    """The floor: the same binary as Podium's, told once and for all."""
    port = free_port()
    words = [str(bootstrap.binary()), "--concurrency", str(threads), "--use-dynamic-base-id", "-l", "off", "-c"]
    with _serving("envoy.yaml", _ENVOY, words, port, {"port": port, "backend": backend}):
        yield port


def wrk(host: str, port: int, seconds: float, connections: int) -> Rate:
    """One thread of wrk asks over so many connections, which are kept. Raises AssertionError where an answer is bad."""
    words = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--latency", f"http://{host}:{port}/"]
    told = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in told, told
    assert "Socket errors" not in told, told
    rate, slow = re.search(r"Requests/sec:\s+([\d.]+)", told), re.search(r"99%\s+([\d.]+)(us|ms|s|m)", told)
    assert rate is not None, told
    assert slow is not None, told
    return Rate(float(rate[1]), float(slow[1]) * _UNITS[slow[2]])


@contextmanager
def _serving(name: str, text: str, words: list[str], port: int, values: dict[str, object]) -> Iterator[None]:
    folder = Path(tempfile.mkdtemp(prefix="podium-bench-wire-"))
    (folder / name).write_text(text.format(folder=folder, **values))
    quiet = subprocess.DEVNULL
    process = subprocess.Popen([*words, str(folder / name)], cwd=folder, stdout=quiet, stderr=quiet)
    try:
        until(lambda: _answers(port), f"{words[0]} to listen", 20)
        yield
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
