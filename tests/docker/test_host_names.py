"""`podium up --dns`: this machine finds load balancers by name with plain getaddrinfo, until `podium down`."""

import json
import os
import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
ANSWER = {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "hi"}
SCRIPT = """
cp /etc/resolv.conf "$PLACE/before"
cp /etc/resolv.conf "$PLACE/resolv.conf"
mount --bind "$PLACE/resolv.conf" /etc/resolv.conf
podium up --detach --port 0 --dns >/dev/null
eval "$(podium env)"
subnets=$(aws ec2 describe-subnets --query 'Subnets[:2].SubnetId' --output text)
balancer=$(aws elbv2 create-load-balancer --name web --subnets $subnets \
  --query 'LoadBalancers[0].LoadBalancerArn' --output text)
aws elbv2 create-listener --load-balancer-arn "$balancer" --protocol HTTP --port 80 \
  --default-actions "$ANSWER" >/dev/null
name=$(aws elbv2 describe-load-balancers --query 'LoadBalancers[0].DNSName' --output text)
timeout 60 sh -c 'until getent ahostsv4 "$0" >/dev/null; do :; done' "$name"
timeout 60 sh -c 'until wget -q -O /dev/null "http://$0/"; do :; done' "$name"
"$PYTHON" -c '
import socket, sys, urllib.request
found = {known[4][0] for known in socket.getaddrinfo(sys.argv[1], 80, socket.AF_INET)}
print(*sorted(found), urllib.request.urlopen(f"http://{sys.argv[1]}/", timeout=5).read().decode())
' "$name"
podium down >/dev/null
cmp /etc/resolv.conf "$PLACE/before"
"""


def test_a_load_balancers_name_is_found_by_getaddrinfo_and_undone_by_down(tmp_path: Path) -> None:
    """In a mount namespace of the test's own, so that /etc/resolv.conf is nobody else's."""
    environment = {
        **os.environ,
        "PATH": f"{BIN}:{os.environ['PATH']}",
        "PLACE": str(tmp_path),
        "PODIUM_DATA_DIR": str(tmp_path / "podium"),
        "PYTHON": sys.executable,
        "ANSWER": json.dumps([{"Type": "fixed-response", "FixedResponseConfig": ANSWER}]),
    }
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-eu", "-c", SCRIPT], env=environment, capture_output=True, text=True, timeout=250
    )
    assert done.returncode == 0, done.stdout + done.stderr
    *addresses, body = done.stdout.split()
    assert body == "hi"
    assert len(addresses) == 2
    assert all(address.startswith("127.0.") for address in addresses)
