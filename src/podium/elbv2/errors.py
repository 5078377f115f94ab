"""What Elastic Load Balancing refuses, in its own words."""

from podium.kernel.errors import ClientError


class Invalid(ClientError):
    """The request breaks the model's rules, or Elastic Load Balancing's."""

    code = "ValidationError"
