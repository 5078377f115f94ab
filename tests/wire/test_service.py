import pytest

from podium.kernel.errors import ClientError
from podium.wire.service import AwsService


def test_an_operation_is_registered_under_the_name_the_api_gives_it():
    ecs = AwsService("ecs")

    @ecs.operation
    def create_cluster(call, tx, request):
        return {}

    @ecs.operation(reads=True)
    def describe_clusters(call, tx, request):
        return {}

    assert ecs.operations == {"CreateCluster": create_cluster, "DescribeClusters": describe_clusters}
    assert ecs.reading == {"DescribeClusters"}


def test_names_that_no_rule_would_guess_are_found_in_the_model():
    elb = AwsService("elbv2")

    @elb.operation
    def describe_ssl_policies(call, tx, request):
        return {}

    assert list(elb.operations) == ["DescribeSSLPolicies"]


def test_a_function_named_after_no_operation_is_our_bug():
    with pytest.raises(AssertionError, match="ecs has no operation for brew_coffee"):

        @AwsService("ecs").operation
        def brew_coffee(call, tx, request):
            return {}


def test_two_functions_cannot_answer_one_operation():
    ecs = AwsService("ecs")

    def list_clusters(call, tx, request):
        return {}

    ecs.operation(list_clusters)
    with pytest.raises(AssertionError, match="ListClusters is answered twice"):
        ecs.operation(list_clusters)


def test_a_service_says_in_its_own_words_what_is_invalid():
    assert AwsService("ecs").invalid("CreateCluster", "no").code == "ValidationException"

    class ClientException(ClientError):
        code = "ClientException"

    ecs = AwsService("ecs", invalid=lambda operation, message: ClientException(f"{operation}: {message}"))
    assert str(ecs.invalid("CreateCluster", "no")) == "CreateCluster: no"
