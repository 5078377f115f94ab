"""The resources that a request is about, as ARNs."""

from collections.abc import Callable, Iterable

from podium.ecs.access.scene import Scene

Resources = Callable[[Scene], Iterable[str]]


def everything(scene: Scene) -> Iterable[str]:
    """For an action that knows no resources."""
    return ("*",)


def cluster(scene: Scene) -> Iterable[str]:
    return (scene.cluster,)


def clusters(scene: Scene) -> Iterable[str]:
    return [scene.cluster_called(value) for value in scene.request.get("clusters") or ["default"]]


def members(kind: str, *names: str) -> Resources:
    """Services, tasks or instances of the cluster, named one or several under any of `names`."""

    def found(scene: Scene) -> Iterable[str]:
        return [scene.member(kind, value) for value in _values(scene, names)]

    return found


def named(kind: str, *names: str) -> Resources:
    def found(scene: Scene) -> Iterable[str]:
        return [scene.named(kind, value) for value in _values(scene, names)]

    return found


def cluster_and_task(scene: Scene) -> Iterable[str]:
    return (scene.cluster, *members("task", "task")(scene))


def task_definitions(*names: str) -> Resources:
    def found(scene: Scene) -> Iterable[str]:
        return [scene.task_definition(value) for value in _values(scene, names)]

    return found


def daemon_task_definitions(*names: str) -> Resources:
    def found(scene: Scene) -> Iterable[str]:
        return [scene.daemon_task_definition(value) for value in _values(scene, names)]

    return found


def new_revision(kind: str) -> Resources:
    """The revision is not known before it is registered."""
    return lambda scene: (scene.arn(f"{kind}/{scene.request.get('family', '')}:*"),)


def instances_of_attributes(scene: Scene) -> Iterable[str]:
    targets = [a["targetId"] for a in scene.request.get("attributes", ()) if a.get("targetId")]
    return [scene.member("container-instance", target) for target in targets] or [
        scene.arn(f"container-instance/{scene.cluster_name}/*")
    ]


def task_sets(scene: Scene) -> Iterable[str]:
    service = _service_path(scene)
    given = _values(scene, ("taskSet", "taskSets", "primaryTaskSet")) or ["*"]
    return [v if v.startswith("arn:") else scene.arn(f"task-set/{service}/{v}") for v in given]


def of_service(kind: str, name: str) -> Resources:
    """Deployments or revisions, and the services that they are of: both must be allowed."""

    def found(scene: Scene) -> Iterable[str]:
        arns = _values(scene, (name,))
        return [*dict.fromkeys(_service_of(arn, kind) for arn in arns), *arns]

    return found


def made(kind: str) -> Resources:
    """What a creation with tags tags, before it has an id."""
    return lambda scene: (scene.arn(f"{kind}/{scene.cluster_name}/*"),)


def made_task_set(scene: Scene) -> Iterable[str]:
    return (scene.arn(f"task-set/{_service_path(scene)}/*"),)


def _service_path(scene: Scene) -> str:
    arn = scene.member("service", scene.request.get("service", "*"))
    return arn.partition(":service/")[2]


def _service_of(arn: str, kind: str) -> str:
    """`…:service-deployment/web/api/3kx` is of `…:service/web/api`."""
    return arn.replace(f":{kind}/", ":service/").rpartition("/")[0]


def _values(scene: Scene, names: Iterable[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        value = scene.request.get(name)
        found += [value] if isinstance(value, str) else value or ()
    return found
