"""The small signer of agent and launcher says what botocore's says."""

from datetime import UTC, datetime
from unittest.mock import patch

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials
from hypothesis import given
from hypothesis import strategies as st

from podium_protocol import signing, upgrades

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
HOST = "127.0.0.1:4566"

keys = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=4, max_size=20)
secrets = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=4, max_size=40)
words = st.text(min_size=1, max_size=20)


class Frozen(datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


@given(keys, secrets, st.none() | secrets, words, words, st.binary(max_size=50))
def test_every_request_is_signed_as_botocore_signs_it(key, secret, token, cluster, version, body):
    query = upgrades.acs_query(
        upgrades.Opening(cluster=cluster, container_instance_arn="arn:x/y", docker_version=version)
    )
    credentials = signing.Credentials(access_key_id=key, secret_access_key=secret, session_token=token)
    signer = signing.Signer(credentials=credentials, region="us-east-1")
    with patch.object(signing, "datetime", Frozen):
        ours = signer.headers("GET", HOST, f"/ws?{query}", body=body, extra={"X-Amz-Target": "A.B"})
    assert ours["Authorization"] == botocore_authorization(key, secret, token, query, body)


def botocore_authorization(key, secret, token, query, body):
    request = AWSRequest(method="GET", url=f"http://{HOST}/ws?{query}", data=body, headers={"X-Amz-Target": "A.B"})
    with patch("botocore.auth.get_current_datetime", lambda: NOW.replace(tzinfo=None)):
        SigV4Auth(BotoCredentials(key, secret, token), "ecs", "us-east-1").add_auth(request)
    return request.headers["Authorization"]
