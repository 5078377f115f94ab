"""Where packets go."""

from podium.store.records import part, record


@part
class Route:
    """`target` is `local`, or the id of a gateway or an interface. `origin` is as the API names it."""

    destination: str
    target: str
    origin: str = "CreateRoute"


@part
class Association:
    """`subnet_id` is None for the association that makes a table its VPC's main one."""

    id: str
    subnet_id: str | None = None


@record(table="ec2_route_tables", indexes=("home", "vpc_arn"))
class RouteTable:
    arn: str
    home: str
    id: str
    vpc_arn: str
    vpc_id: str
    routes: tuple[Route, ...]
    associations: tuple[Association, ...] = ()
    client_token: str = ""
    tags: dict[str, str] = {}

    @property
    def is_main(self) -> bool:
        return any(held.subnet_id is None for held in self.associations)


@record(table="ec2_internet_gateways", indexes=("home",))
class InternetGateway:
    """`vpc_arn` is where it is attached."""

    arn: str
    home: str
    id: str
    vpc_arn: str | None = None
    tags: dict[str, str] = {}
