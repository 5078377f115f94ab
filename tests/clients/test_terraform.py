"""Terraform's AWS provider: create, an empty plan, update, import, destroy."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from acm.certificates import self_signed
from server.server_process import Server, running

HERE = Path(__file__).parent
PLUGINS = Path("/opt/tf-plugins")
IMPORTED = {
    "aws_ecs_cluster.web": "web",
    "aws_ecs_capacity_provider.hosts": "hosts",
    "aws_ecs_cluster_capacity_providers.web": "web",
    "aws_ecs_task_definition.web": "arn:aws:ecs:us-east-1:123456789012:task-definition/web:2",
    "aws_ecs_service.web": "web/web",
    "aws_iam_role.task": "web-task",
    "aws_iam_role_policy.reads": "web-task:reads",
    "aws_iam_policy.reads": "arn:aws:iam::123456789012:policy/web-reads",
    "aws_iam_role_policy_attachment.own": "web-task/arn:aws:iam::123456789012:policy/web-reads",
    "aws_iam_instance_profile.host": "web-host",
    "aws_iam_group.team": "team",
    "aws_iam_user.deployer": "deployer",
    "aws_cloudwatch_metric_alarm.cpu": "web-cpu",
    "aws_cloudwatch_metric_alarm.errors": "web-errors",
}

pytestmark = pytest.mark.timeout(900)


class Terraform:
    """One configuration, applied to one server."""

    def __init__(self, server: Server, place: Path, configuration: str) -> None:
        self._place, self._url = place, server.url
        shutil.copytree(HERE / configuration, place, dirs_exist_ok=True)
        key = server.keys["root"]
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(place),
            "TF_DATA_DIR": str(place / ".terraform"),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "AWS_ACCESS_KEY_ID": key["accessKeyId"],
            "AWS_SECRET_ACCESS_KEY": key["secretAccessKey"],
            "TF_VAR_endpoint": server.url,
        }
        self.run("init", "-input=false", f"-plugin-dir={PLUGINS}")

    def bring(self, files: Mapping[str, bytes]) -> None:
        """Beside the configuration, by their names."""
        for name, body in files.items():
            (self._place / name).write_bytes(body)

    def run(self, *words: str, step: int = 1, good: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            ["terraform", *words, "-no-color"],
            cwd=self._place,
            env={**self._environment, "TF_VAR_step": str(step)},
            capture_output=True,
            text=True,
        )
        assert done.returncode in good, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    def imports(self, wanted: Mapping[str, str]) -> None:
        """From now on every plan takes these up by their ids, where the state does not hold them."""
        blocks = [f'import {{\n  to = {address}\n  id = "{identity}"\n}}\n' for address, identity in wanted.items()]
        (self._place / "imports.tf").write_text("".join(blocks))

    def plan_is_empty(self, step: int) -> None:
        self.run("plan", "-detailed-exitcode", "-input=false", step=step)


def everything(terraform: Terraform) -> None:
    """The part of ECS, IAM and CloudWatch that it knows; and taking up what is there already."""
    terraform.run("apply", "-auto-approve", "-input=false")
    terraform.plan_is_empty(step=1)
    terraform.run("apply", "-auto-approve", "-input=false", step=2)
    terraform.plan_is_empty(step=2)
    terraform.run("state", "rm", *IMPORTED, step=2)
    terraform.imports(IMPORTED)
    told = terraform.run("apply", "-auto-approve", "-input=false", step=2)
    assert re.search(rf"{len(IMPORTED)} imported, 0 added, \d+ changed, 0 destroyed", told), told
    terraform.plan_is_empty(step=2)
    terraform.run("destroy", "-auto-approve", "-input=false", step=2)


def a_network(terraform: Terraform) -> None:
    told = terraform.run("apply", "-auto-approve", "-input=false")
    assert re.search(r"us-east-1a\W+us-east-1b\W+us-east-1c", told), told
    told = terraform.run("apply", "-auto-approve", "-input=false", step=2)
    assert "Plan: 2 to add, 9 to change, 2 to destroy." in told, told  # and nothing that nobody asked for
    terraform.plan_is_empty(step=2)
    terraform.run("destroy", "-auto-approve", "-input=false", "-refresh=false", step=2)


def changed(terraform: Terraform, said: str) -> None:
    """Made, changed as `said`, and taken down, with an empty plan after each."""
    terraform.run("apply", "-auto-approve", "-input=false")
    terraform.plan_is_empty(step=1)
    told = terraform.run("apply", "-auto-approve", "-input=false", step=2)
    assert re.search(said, told), told
    terraform.plan_is_empty(step=2)
    terraform.run("destroy", "-auto-approve", "-input=false", step=2)


def names(terraform: Terraform) -> None:
    changed(terraform, r"Plan: 0 to add, 5 to change, 0 to destroy\.")


def traffic(terraform: Terraform) -> None:
    """The attachment alone is another one when it is changed."""
    terraform.bring(self_signed("localhost.example.com"))
    changed(terraform, r"1 added, \d+ changed, 1 destroyed")


def a_stack(terraform: Terraform) -> None:
    """A rule goes to another bus, a policy to other images, a secret has another value, and logs another prefix."""
    changed(terraform, r"Plan: 3 to add, 21 to change, 3 to destroy\.")


STORIES: dict[str, Callable[[Terraform], None]] = {
    "terraform": everything,
    "terraform_network": a_network,
    "terraform_names": names,
    "terraform_traffic": traffic,
    "terraform_stack": a_stack,
}
"""By their configurations."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[None]] | None]:
    """All stories, told at once: Terraform mostly waits, a minute for each load balancer.

    None where there is no Terraform; on machines that prove the project there must be.
    """
    if shutil.which("terraform") is None or not PLUGINS.exists():
        assert not os.environ.get("CI"), "Terraform and its AWS provider are missing"
        yield None
        return
    with ExitStack() as servers, ThreadPoolExecutor(len(STORIES)) as pool:
        futures = {}
        for name, story in STORIES.items():
            folder = tmp_path_factory.mktemp(name)
            _put_hook(folder / "data" / "hooks" / "renew")
            server = servers.enter_context(running(folder / "data", log=folder / "said.log"))
            futures[name] = pool.submit(_tell, story, server, folder / "place", name)
        yield futures


def _put_hook(path: Path) -> None:
    """A command that a secret may be rotated by."""
    path.parent.mkdir(parents=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o700)


def _tell(story: Callable[[Terraform], None], server: Server, place: Path, name: str) -> None:
    place.mkdir()
    terraform = Terraform(server, place, name)
    story(terraform)
    assert not terraform.run("state", "list", step=2).strip()


@pytest.mark.parametrize("name", STORIES)
def test_terraform_makes_changes_and_destroys(
    name: str, told: dict[str, Future[None]] | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if told is None:
        say_so(capsys)
        return
    told[name].result()


def say_so(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print("\nTerraform is not installed here: its tests are left out.")  # noqa: T201
