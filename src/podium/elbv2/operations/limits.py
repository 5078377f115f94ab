"""How many of everything an account may have.

Source: User Guides for Application and Network Load Balancers, "Quotas".
"""

from podium.elbv2.rules import paging
from podium.elbv2.service import Answer, Request, reads
from podium.kernel.call import Call
from podium.store.session import Transaction

LIMITS = {
    "application-load-balancers": 50,
    "certificates-per-application-load-balancer": 25,
    "certificates-per-network-load-balancer": 25,
    "condition-values-per-alb-rule": 5,
    "condition-wildcards-per-alb-rule": 5,
    "listeners-per-application-load-balancer": 50,
    "listeners-per-network-load-balancer": 50,
    "network-load-balancers": 50,
    "rules-per-application-load-balancer": 100,
    "target-groups": 3000,
    "target-groups-per-action-on-application-load-balancer": 5,
    "target-groups-per-application-load-balancer": 100,
    "targets-per-application-load-balancer": 1000,
    "targets-per-network-load-balancer": 3000,
    "targets-per-target-group": 1000,
}


@reads
def describe_account_limits(call: Call, tx: Transaction, request: Request) -> Answer:
    shown, more = paging.page(LIMITS.items(), lambda limit: limit[0], request)
    return {"Limits": [{"Name": name, "Max": str(most)} for name, most in shown], **more}
