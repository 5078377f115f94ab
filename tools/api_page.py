"""Writes docs/api.md: every operation that is answered, and every error each can give. With --check it only looks.

What an operation refuses is read from the code: from its function, every function, table and class that can be
reached is followed, and every error raised there is noted with its sentence. What varies in a sentence stands in <>.
"""

import ast
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "api.md"
sys.path.insert(0, str(ROOT / "src"))

from podium.ec2 import lookups as ec2  # noqa: E402
from podium.elbv2 import lookups as elbv2  # noqa: E402
from podium.kernel.errors import ClientError  # noqa: E402
from podium.server.services import SERVICES  # noqa: E402

FOLLOWED = (
    "podium.acm",
    "podium.applicationautoscaling",
    "podium.cloudwatch",
    "podium.ec2",
    "podium.ecr",
    "podium.ecs",
    "podium.elbv2",
    "podium.events",
    "podium.iam",
    "podium.kms",
    "podium.logs",
    "podium.s3",
    "podium.scheduler",
    "podium.secretsmanager",
    "podium.servicediscovery",
    "podium.ssm",
    "podium.sts",
)
INTRODUCTION = """\
# What every operation answers, and what it refuses

This page is made from the code by `make coverage`; a test holds it to the code. What varies in a sentence stands in
angle brackets. Shapes, members and what they mean are AWS's own: see the API references of Amazon ECS, EC2, IAM,
STS, CloudWatch, CloudWatch Logs, Cloud Map, Elastic Load Balancing, Certificate Manager, Application Auto Scaling, ECR,
S3, EventBridge, EventBridge Scheduler, Key Management Service, Systems Manager and Secrets Manager.

Every operation may also be refused before it runs: a missing, unknown, wrong, stale or expired signature; a body that
cannot be read (`SerializationException`); a request that breaks the model's rules (for ECS `InvalidParameterException`,
or `ClientException` where a task definition is concerned; for ECR and CloudWatch Logs `InvalidParameterException`; for
IAM, STS, CloudWatch and Elastic Load Balancing `ValidationError`; for Certificate Manager, Application Auto Scaling,
EventBridge and its Scheduler `ValidationException`; for Cloud Map `InvalidInput`; for S3 `InvalidArgument`; for EC2
`MissingParameter` or `InvalidParameterValue`); a caller whom no policy allows (`AccessDeniedException`, for IAM, STS,
S3 and Elastic Load Balancing `AccessDenied`, for EC2 `UnauthorizedOperation`); and, with `--throttle`, a call too many
(`ThrottlingException`). A disk that cannot be written to gives `ServerException`.
"""
Refusal = tuple[str, str]  # code, sentence
FINDERS = {
    ("podium.ec2.lookups", "named"): ec2.NOT_FOUND,
    ("podium.ec2.lookups", "several"): ec2.NOT_FOUND,
    ("podium.ec2.operations.describing", "described"): ec2.NOT_FOUND,
    ("podium.elbv2.lookups", "named"): elbv2.NOT_FOUND,
}


@dataclass(frozen=True)
class Module:
    """A module's source: what it defines, and what its imported names stand for."""

    name: str
    defined: dict[str, ast.AST]
    imported: dict[str, tuple[str, str]]  # alias -> module and name in it; name "" for a module itself


@cache
def module(name: str) -> Module | None:
    if not name.startswith(FOLLOWED):
        return None
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        return None
    tree = ast.parse(Path(spec.origin).read_text())
    return Module(name, dict(_definitions(tree)), dict(_imports(tree)))


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, node
        elif isinstance(node, ast.Assign):
            yield from ((target.id, node) for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id, node


def _imports(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str]]]:
    """Also those that functions hold, of what is loaded only when it is needed."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                is_module = node.module.startswith("podium") and _is_module(inner)
                yield alias.asname or alias.name, (inner, "") if is_module else (node.module, alias.name)


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


Place = tuple[str, str]


def resolved(inside: Module, node: ast.AST) -> Place | None:
    """Which definition a name, or a name of an imported module, stands for."""
    if isinstance(node, ast.Name):
        if node.id in inside.defined:
            return inside.name, node.id
        where, name = inside.imported.get(node.id, ("", ""))
        return _origin(where, name) if name else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        where, name = inside.imported.get(node.value.id, ("", "x"))
        return _origin(where, node.attr) if not name else None
    return None


def _origin(where: str, name: str) -> Place | None:
    """The module that defines the name: packages pass on what others define."""
    found = module(where)
    if found is None:
        return None
    if name in found.defined:
        return where, name
    onward, inner = found.imported.get(name, ("", ""))
    return _origin(onward, inner) if inner else None


@cache
def refusals(place: Place) -> frozenset[Refusal]:
    """Every refusal that can be reached from there."""
    found: set[Refusal] = set()
    seen, waiting = {place}, [place]
    while waiting:
        where, name = waiting.pop()
        inside = module(where)
        assert inside is not None, f"{where} was resolved"
        node = inside.defined[name]
        found |= {*_raised(inside, node), *_declared(inside, node), *_not_found(inside, node)}
        for inner in ast.walk(node):
            onward = resolved(inside, inner)
            if onward is not None and onward not in seen and not _translated(where, onward[0]):
                seen.add(onward)
                waiting.append(onward)
    return frozenset(found)


def _translated(where: str, onward: str) -> bool:
    """Some say in their own words what EC2, Key Management Service and IAM refuse them."""
    of_ec2 = where.startswith(("podium.ecs", "podium.elbv2")) and onward.startswith("podium.ec2")
    of_kms = where.startswith(("podium.secretsmanager", "podium.ssm")) and onward.startswith("podium.kms")
    of_iam = where.startswith(("podium.kms", "podium.secretsmanager")) and onward.startswith("podium.iam")
    return of_ec2 or of_kms or of_iam


def _raised(inside: Module, node: ast.AST) -> Iterator[Refusal]:
    for inner in ast.walk(node):
        if not isinstance(inner, ast.Raise) or inner.exc is None:
            continue
        call = inner.exc if isinstance(inner.exc, ast.Call) else None
        error = _error(inside, call.func if call else inner.exc, node)
        if error is not None and error.__dict__.get("code", getattr(error, "code", "")):
            yield error.code, _sentence(inside, error, call)


def _declared(inside: Module, node: ast.AST) -> Iterator[Refusal]:
    """Errors that a service hands to what raises them for it: `Paging(refused=...)`, `Tagging(duplicate=...)`."""
    if not isinstance(node, ast.Assign):
        return
    for given in (inner.value for inner in ast.walk(node.value) if isinstance(inner, ast.keyword)):
        made = given.body if isinstance(given, ast.Lambda) else given
        call = made if isinstance(made, ast.Call) else None
        error = _error(inside, call.func if call else made, node)
        if error is not None:
            yield error.code, _sentence(inside, error, call)


def _not_found(inside: Module, node: ast.AST) -> Iterator[Refusal]:
    """Some find records by kind and id: the kind says how an id is refused that nothing has, any kind in any way."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and (finder := resolved(inside, inner.func)) in FINDERS:
            known = FINDERS[finder]
            places = [place for argument in inner.args if (place := resolved(inside, argument)) is not None]
            kinds = [getattr(importlib.import_module(where), name, None) for where, name in places]
            of_any = inside.name not in {where for where, _ in FINDERS} and not any(kind in known for kind in kinds)
            for error in known.values() if of_any else [known[kind] for kind in kinds if kind in known]:
                yield error.code, _sentence(inside, error, None)


def _error(inside: Module, node: ast.AST, function: ast.AST) -> type[ClientError] | None:
    """The class that is raised; of a parameter, its default."""
    if isinstance(node, ast.Name) and isinstance(function, ast.FunctionDef):
        named = [*function.args.args, *function.args.kwonlyargs]
        defaults = dict(zip([a.arg for a in function.args.args][::-1], function.args.defaults[::-1], strict=False))
        if node.id in {a.arg for a in named}:
            return _error(inside, defaults[node.id], inside.defined[function.name]) if node.id in defaults else None
    place = resolved(inside, node)
    found = getattr(importlib.import_module(place[0]), place[1], None) if place else None
    return found if inspect.isclass(found) and issubclass(found, ClientError) else None


def _sentence(inside: Module, error: type[ClientError], call: ast.Call | None) -> str:
    if call is not None and call.args and error.__init__ is ClientError.__init__:
        return _text(inside, call.args[0])
    given = ast.parse(inspect.getsource(error).strip()).body[0]
    for inner in ast.walk(given):
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Attribute) and inner.func.attr == "__init__":
            return _text(inside, inner.args[0]) if inner.args else ""
    return _text(inside, call.args[0]) if call is not None and call.args else ""


def _text(inside: Module, node: ast.AST) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(inside, part) for part in node.values)
    if isinstance(node, ast.BinOp):
        return _text(inside, node.left) + _text(inside, node.right)
    if isinstance(node, ast.FormattedValue):
        return _text(inside, node.value)
    if isinstance(node, ast.Name) and isinstance(held := inside.defined.get(node.id), ast.Assign):
        return (
            _text(inside, held.value)
            if isinstance(held.value, ast.Constant | ast.JoinedStr)
            else f"<{node.id.lower()}>"
        )
    if isinstance(node, ast.Name):
        return f"<{node.id}>"
    return f"<{node.attr}>" if isinstance(node, ast.Attribute) else "<…>"


def page() -> str:
    lines = [INTRODUCTION]
    for name, service in SERVICES.items():
        lines.append(f"## {service.model.metadata['serviceFullName']}\n")
        for operation in sorted(service.operations):
            function = service.operations[operation]
            found = sorted(refusals((function.__module__, function.__qualname__.partition(".")[0])))
            lines.append(f"### {name} {operation}\n")
            lines.append(
                "".join(f"- `{code}`{_quoted(text)}\n" for code, text in found) or "Refuses nothing of its own.\n"
            )
    return "\n".join(lines).rstrip() + "\n"


def _quoted(sentence: str) -> str:
    shown = " ".join(sentence.split()).replace("|", r"\|").replace("<", "&lt;").replace("*", r"\*").replace("_", r"\_")
    return f": {shown}" if shown else ""


if __name__ == "__main__":
    made = page()
    if "--check" not in sys.argv:
        PAGE.write_text(made)
    elif PAGE.read_text() != made:
        sys.exit("docs/api.md is not what the code makes it. Run: make coverage")
