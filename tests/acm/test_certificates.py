"""Certificates that users bring, and those that Podium issues."""

from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509

from acm.certificates import Authority
from inprocess import ACCOUNT, REGION, Plane, refused
from people import allow, permit, user
from podium import acm as certificates
from podium.acm.records import ALL, Certificate
from podium.acm.service import acm as service
from podium.wire.model import SERVICES

HOME = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/"


@pytest.fixture
def acm(plane: Plane) -> Any:
    return plane.client("acm")


@pytest.fixture
def authority(plane: Plane) -> Authority:
    return Authority(plane.clock.now())


def described(acm: Any, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    return found


def test_what_is_imported_is_told_from_the_certificate(acm: Any, plane: Plane, authority: Authority) -> None:
    made = authority.certificate("example.com", "*.example.com")
    arn = acm.import_certificate(**made, Tags=[{"Key": "a", "Value": "1"}])["CertificateArn"]
    assert arn.startswith(HOME)
    found = described(acm, arn)
    assert (found["DomainName"], found["SubjectAlternativeNames"]) == ("example.com", ["example.com", "*.example.com"])
    assert (found["Status"], found["Type"], found["KeyAlgorithm"]) == ("ISSUED", "IMPORTED", "EC_prime256v1")
    assert (found["Issuer"], found["Subject"], found["InUseBy"]) == ("Test CA", "CN=example.com", [])
    assert found["SignatureAlgorithm"] == "SHA256WITHECDSA"
    assert found["ImportedAt"] == plane.clock.now()
    assert acm.list_tags_for_certificate(CertificateArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    told = acm.get_certificate(CertificateArn=arn)
    assert told["Certificate"].encode() == made["Certificate"]
    assert told["CertificateChain"].encode() == authority.chain


def test_keys_are_sealed_and_given_to_who_serves(acm: Any, plane: Plane, authority: Authority) -> None:
    made = authority.certificate("example.com")
    arn = acm.import_certificate(**made)["CertificateArn"]
    [held] = plane.records(Certificate)
    assert "PRIVATE KEY" not in repr(held)
    chain, key, names = plane.read(lambda tx: certificates.material(tx, plane.sealer, arn))
    assert (key.encode(), names) == (made["PrivateKey"], ("example.com",))
    assert chain.encode() == made["Certificate"] + authority.chain


def test_importing_again_takes_the_place_of_what_was_there(acm: Any, authority: Authority) -> None:
    arn = acm.import_certificate(**authority.certificate("a.com"))["CertificateArn"]
    assert acm.import_certificate(CertificateArn=arn, **authority.certificate("b.com"))["CertificateArn"] == arn
    assert described(acm, arn)["DomainName"] == "b.com"
    with refused("InvalidParameterException"):
        tags = [{"Key": "a", "Value": "1"}]
        acm.import_certificate(CertificateArn=arn, Tags=tags, **authority.certificate("b.com"))


def test_what_does_not_belong_together_is_refused(acm: Any, plane: Plane, authority: Authority) -> None:
    made, other = authority.certificate("a.com"), Authority(plane.clock.now())
    for changed, sentence in (
        ({"PrivateKey": other.certificate("a.com")["PrivateKey"]}, "The private key does not match the certificate."),
        ({"PrivateKey": b"key"}, "The private key is not PEM-encoded or is not valid."),
        ({"Certificate": b"certificate"}, "The certificate is not PEM-encoded or is not valid."),
        ({"CertificateChain": b"chain"}, "The certificate chain is not PEM-encoded or is not valid."),
        (
            {"Certificate": made["Certificate"] * 2},
            "The certificate field contains more than one certificate. You can specify only one certificate in this "
            "field.",
        ),
        (
            {"CertificateChain": other.chain},
            "Unable to validate certificate chain. The certificate chain must start with the immediate signing "
            "certificate, followed by any intermediaries in order. The index within the chain of the invalid "
            "certificate is: 0",
        ),
    ):
        with refused("ValidationException", sentence):
            acm.import_certificate(**{**made, **changed})
    with refused("ValidationException", "The certificate has expired."):
        acm.import_certificate(**authority.certificate("a.com", days=-1))
    del made["CertificateChain"]
    with refused("ValidationException"):
        acm.import_certificate(**made)
    assert plane.records(Certificate) == []


def test_what_is_requested_is_issued_at_once(acm: Any, plane: Plane) -> None:
    arn = acm.request_certificate(
        DomainName="example.com", SubjectAlternativeNames=["*.example.com"], ValidationMethod="DNS"
    )["CertificateArn"]
    found = described(acm, arn)
    assert (found["Status"], found["Type"], found["KeyAlgorithm"]) == ("ISSUED", "AMAZON_ISSUED", "RSA_2048")
    assert found["SubjectAlternativeNames"] == ["example.com", "*.example.com"]
    assert {"Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1"} in found["ExtendedKeyUsages"]
    plain, wild = found["DomainValidationOptions"]
    assert (plain["ValidationStatus"], plain["ValidationMethod"]) == ("SUCCESS", "DNS")
    assert plain["ResourceRecord"] == wild["ResourceRecord"]
    assert plain["ResourceRecord"]["Name"].endswith(".example.com.")
    told = acm.get_certificate(CertificateArn=arn)
    leaf, issuer = (x509.load_pem_x509_certificate(told[n].encode()) for n in ("Certificate", "CertificateChain"))
    leaf.verify_directly_issued_by(issuer)
    assert [kind.__name__ for kind in ALL] == ["Authority", "Certificate"]


def test_an_account_has_one_authority(acm: Any, plane: Plane) -> None:
    given = {"DomainName": "a.com", "KeyAlgorithm": "EC_prime256v1"}
    elsewhere = plane.client("acm", region="eu-west-1")
    first = acm.request_certificate(**given)["CertificateArn"]
    second = elsewhere.request_certificate(**given)["CertificateArn"]
    chains = {
        acm.get_certificate(CertificateArn=first)["CertificateChain"],
        elsewhere.get_certificate(CertificateArn=second)["CertificateChain"],
    }
    assert len(chains) == 1
    with refused("ResourceNotFoundException"):
        acm.describe_certificate(CertificateArn=second)


def test_a_token_is_answered_once_in_an_hour(acm: Any, plane: Plane) -> None:
    given = {"DomainName": "a.com", "KeyAlgorithm": "EC_prime256v1", "IdempotencyToken": "once"}
    first = acm.request_certificate(**given)["CertificateArn"]
    assert acm.request_certificate(**given)["CertificateArn"] == first
    plane.clock.time += timedelta(hours=2)
    assert acm.request_certificate(**given)["CertificateArn"] != first


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("ValidationException", {"DomainName": "localhost"}),
        ("ValidationException", {"ValidationMethod": "PHONE"}),
        ("InvalidParameterException", {"KeyAlgorithm": "RSA_4096"}),
        ("InvalidParameterException", {"Options": {"Export": "ENABLED"}}),
        (
            "InvalidParameterException",
            {"CertificateAuthorityArn": "arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/1"},
        ),
        (
            "InvalidDomainValidationOptionsException",
            {"DomainValidationOptions": [{"DomainName": "b.com", "ValidationDomain": "b.com"}]},
        ),
    ],
)
def test_what_is_not_issued_says_so(acm: Any, code: str, changed: dict[str, Any]) -> None:
    with refused(code):
        acm.request_certificate(**{"DomainName": "a.com", **changed})


def test_those_with_keys_of_the_usual_kind_are_listed(acm: Any, authority: Authority) -> None:
    ours = acm.request_certificate(DomainName="a.com")["CertificateArn"]
    theirs = acm.import_certificate(**authority.certificate("b.com"))["CertificateArn"]

    def listed(**members: Any) -> list[str]:
        return [held["CertificateArn"] for held in acm.list_certificates(**members)["CertificateSummaryList"]]

    assert listed() == [ours]
    both = {"Includes": {"keyTypes": ["RSA_2048", "EC_prime256v1"]}}
    assert set(listed(**both)) == {ours, theirs}
    assert listed(**both, CertificateStatuses=["EXPIRED"]) == []
    assert listed(Includes={"keyTypes": ["EC_prime256v1"]}) == [theirs]
    pages = acm.get_paginator("list_certificates").paginate(**both, PaginationConfig={"PageSize": 1})
    assert [len(page["CertificateSummaryList"]) for page in pages] == [1, 1]


def test_tags_come_and_go(acm: Any, authority: Authority) -> None:
    arn = acm.import_certificate(**authority.certificate("a.com"))["CertificateArn"]
    acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b"}])
    acm.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": "a", "Value": "2"}, {"Key": "b"}])
    assert acm.list_tags_for_certificate(CertificateArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    with refused("InvalidTagException"):
        acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "aws:a"}])
    with refused("TooManyTagsException"):
        acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": f"k{n}"} for n in range(50)])


def test_what_there_is_not(acm: Any, authority: Authority) -> None:
    with refused("ResourceNotFoundException", f"Could not find certificate {HOME}gone in account {ACCOUNT}."):
        acm.get_certificate(CertificateArn=f"{HOME}gone")
    arn = acm.import_certificate(**authority.certificate("a.com"))["CertificateArn"]
    acm.delete_certificate(CertificateArn=arn)
    with refused("ResourceNotFoundException"):
        acm.delete_certificate(CertificateArn=arn)


def test_a_policy_names_certificates_by_their_arns(acm: Any, plane: Plane, authority: Authority) -> None:
    ann = plane.client("acm", key=user(plane, "ann"))
    arn = acm.import_certificate(**authority.certificate("a.com"))["CertificateArn"]
    with refused("AccessDeniedException") as answer:
        ann.describe_certificate(CertificateArn=arn)
    assert f"acm:DescribeCertificate on resource: {arn}" in answer["Error"]["Message"]
    permit(plane, "ann", allow(["acm:DescribeCertificate", "acm:ImportCertificate"]))
    ann.describe_certificate(CertificateArn=arn)
    with refused("AccessDeniedException"):
        ann.import_certificate(**authority.certificate("a.com"), Tags=[{"Key": "a", "Value": "1"}])


def test_every_operation_that_is_planned_is_answered() -> None:
    assert set(SERVICES["acm"].operations) == set(service.operations)
