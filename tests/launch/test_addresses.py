"""Every Podium on a machine has addresses of its own."""

import fcntl
import shutil
from pathlib import Path

import pytest

from podium.launch import addresses
from podium.launch.addresses import claimed
from podium.launch.paths import DataDir

HEAD = "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
DEFAULT = "eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
IN_AWS_S_RANGE = "eth0\t00001FAC\t00000000\t0001\t0\t0\t0\t00F0FFFF\t0\t0\t0\n"  # 172.31.0.0/20


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    routes = tmp_path / "routes"
    routes.write_text(HEAD + DEFAULT)
    monkeypatch.setattr(addresses, "CLAIMS", tmp_path / "claims")
    monkeypatch.setattr(addresses, "ROUTES", routes)
    return tmp_path


def a_data_dir(machine: Path, name: str) -> DataDir:
    (machine / name).mkdir()
    return DataDir(root=machine / name)


def test_the_first_has_aws_s_and_the_next_another(machine):
    one, two = a_data_dir(machine, "one"), a_data_dir(machine, "two")
    assert claimed(one) == "172.31.0.0/16"
    assert claimed(two) == "172.30.0.0/16"
    assert (claimed(one), claimed(two)) == ("172.31.0.0/16", "172.30.0.0/16")


def test_a_range_that_the_machine_uses_is_left_alone(machine):
    (machine / "routes").write_text(HEAD + DEFAULT + IN_AWS_S_RANGE)
    assert claimed(a_data_dir(machine, "one")) == "172.30.0.0/16"


def test_it_keeps_its_own_whatever_the_machine_has_come_to_use(machine):
    one = a_data_dir(machine, "one")
    claimed(one)
    (machine / "routes").write_text(HEAD + DEFAULT + IN_AWS_S_RANGE)
    shutil.rmtree(machine / "claims")  # as after a reboot
    assert claimed(one) == "172.31.0.0/16"
    assert claimed(a_data_dir(machine, "two")) == "172.30.0.0/16"


def test_what_a_removed_data_dir_had_is_free(machine):
    claimed(a_data_dir(machine, "one"))
    shutil.rmtree(machine / "one")
    assert claimed(a_data_dir(machine, "two")) == "172.31.0.0/16"


def test_when_none_is_left_it_takes_that_of_one_that_is_down(machine, monkeypatch):
    monkeypatch.setattr(addresses, "RANGES", ("172.31.0.0/16", "172.30.0.0/16"))
    up, down = a_data_dir(machine, "up"), a_data_dir(machine, "down")
    claimed(up), claimed(down)
    with up.server_lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert claimed(a_data_dir(machine, "new")) == "172.30.0.0/16"


def test_whoever_may_claim_nothing_has_aws_s(machine):
    (machine / "claims").write_text("no folder")
    assert claimed(a_data_dir(machine, "one")) == "172.31.0.0/16"
