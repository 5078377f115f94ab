"""What ECR refuses, in its own words.

Source: Amazon ECR API Reference, the errors of each operation; for sentences also what users of the aws CLI and of
Terraform have reported.
"""

from podium.kernel.errors import ClientError


class Invalid(ClientError):
    code = "InvalidParameterException"


class InvalidAt(Invalid):
    def __init__(self, member: str, constraint: str) -> None:
        super().__init__(f"Invalid parameter at '{member}' failed to satisfy constraint: '{constraint}'")


class RepositoryNotFound(ClientError):
    code = "RepositoryNotFoundException"

    def __init__(self, name: str, registry: str) -> None:
        super().__init__(f"The repository with name '{name}' does not exist in the registry with id '{registry}'")


class RepositoryAlreadyExists(ClientError):
    code = "RepositoryAlreadyExistsException"

    def __init__(self, name: str, registry: str) -> None:
        super().__init__(f"The repository with name '{name}' already exists in the registry with id '{registry}'")


class ImageNotFound(ClientError):
    code = "ImageNotFoundException"

    def __init__(self, digest: str | None, tag: str | None, name: str, registry: str) -> None:
        super().__init__(
            f"The image with imageId {{imageDigest:'{digest or 'null'}', imageTag:'{tag or 'null'}'}} does not exist "
            f"within the repository with name '{name}' in the registry with id '{registry}'"
        )


class LifecyclePolicyNotFound(ClientError):
    code = "LifecyclePolicyNotFoundException"

    def __init__(self, name: str, registry: str) -> None:
        super().__init__(
            f"Lifecycle policy does not exist for the repository with name '{name}' in the registry with id "
            f"'{registry}'"
        )


class RepositoryPolicyNotFound(ClientError):
    code = "RepositoryPolicyNotFoundException"

    def __init__(self, name: str, registry: str) -> None:
        super().__init__(
            f"Repository policy does not exist for the repository with name '{name}' in the registry with id "
            f"'{registry}'"
        )


class RegistryPolicyNotFound(ClientError):
    code = "RegistryPolicyNotFoundException"

    def __init__(self, registry: str) -> None:
        super().__init__(f"Registry policy does not exist in the registry with id '{registry}'")


class InvalidTag(ClientError):
    code = "InvalidTagParameterException"


class TooManyTags(ClientError):
    code = "TooManyTagsException"

    def __init__(self, most: int) -> None:
        super().__init__(f"A repository can have at most {most} tags.")
