"""The host's own lookups, led to us and back."""

import asyncio
from pathlib import Path

import pytest

from podium_proxy.dns import resolvconf
from podium_proxy.dns.host import ADDRESS, Host, HostResolver, do, undo
from proxy.dns.documents import configuration, on_a_free_port
from waiting import until

BEFORE = "# by hand\nsearch example.com\nnameserver 10.0.0.2\nnameserver fe80::1%eth0\noptions edns0"


STUB = "nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n"


class Systemctl:
    def __init__(self) -> None:
        self.told: list[str] = []

    def __call__(self, *words: str) -> bool:
        self.told.append(words[0])
        return True


@pytest.fixture
def host(tmp_path: Path) -> Host:
    (tmp_path / "resolv.conf").write_text(BEFORE)
    return Host(
        resolv_conf=tmp_path / "resolv.conf",
        resolved=tmp_path / "resolved" / "resolv.conf",
        drop_in=tmp_path / "resolved.conf.d" / "podium.conf",
        systemctl=Systemctl(),
    )


def servers(host: Host) -> list[str]:
    lines = host.resolv_conf.read_text().splitlines()
    return [line.split()[1] for line in lines if line.startswith("nameserver")]


def test_ours_is_asked_first_and_the_others_after_it(host: Host) -> None:
    do(host)
    assert servers(host) == [ADDRESS, "10.0.0.2", "fe80::1%eth0"]
    assert host.upstreams() == [("10.0.0.2", 53), ("fe80::1%eth0", 53)]


def test_done_twice_it_is_undone_once(host: Host) -> None:
    do(host)
    do(host)
    assert undo(host)
    assert host.resolv_conf.read_text() == BEFORE
    assert not host.kept.exists()
    assert not undo(host)


def test_what_somebody_else_wrote_meanwhile_stays(host: Host) -> None:
    do(host)
    host.resolv_conf.write_text(host.resolv_conf.read_text() + "\nnameserver 10.0.0.3\n")
    undo(host)
    assert host.resolv_conf.read_text() == BEFORE + "\nnameserver 10.0.0.3\n"
    do(host)
    host.resolv_conf.write_text("nameserver 10.9.9.9\n")
    undo(host)
    assert host.resolv_conf.read_text() == "nameserver 10.9.9.9\n"


@pytest.mark.parametrize("written", [0, 10, len(resolvconf.BEGIN) + 5])
def test_a_write_that_was_cut_off_is_undone(host: Host, written: int) -> None:
    do(host)
    host.resolv_conf.write_text(host.resolv_conf.read_text()[:written])
    assert undo(host)
    assert host.resolv_conf.read_text() == BEFORE


def test_a_link_stays_a_link(host: Host, tmp_path: Path) -> None:
    host.resolv_conf.rename(tmp_path / "elsewhere")
    host.resolv_conf.symlink_to(tmp_path / "elsewhere")
    do(host)
    assert host.resolv_conf.is_symlink()
    undo(host)
    assert (tmp_path / "elsewhere").read_text() == BEFORE


@pytest.fixture
def resolved(host: Host) -> Host:
    """One on which systemd-resolved runs."""
    host.resolved.parent.mkdir()
    host.resolved.write_text(f"nameserver {ADDRESS}\nnameserver 10.0.0.9\n")
    host.resolv_conf.write_text(STUB)
    return host


def told(host: Host) -> int:
    """How often systemd-resolved was to read its files anew."""
    return host.systemctl.told.count("reload-or-restart")  # type: ignore[attr-defined, no-any-return]


def text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_systemd_resolved_is_told_of_our_domains_and_told_again(resolved: Host) -> None:
    for _ in range(2):
        do(resolved, domains={"local", "example.com"})
    assert f"DNS={ADDRESS}\nDomains=~example.com ~local\n" in resolved.drop_in.read_text()
    assert resolved.upstreams() == [("10.0.0.9", 53)]
    assert resolved.resolv_conf.read_text() == STUB
    assert told(resolved) == 1
    assert undo(resolved)
    assert not resolved.drop_in.exists()
    assert told(resolved) == 2
    assert not undo(resolved)


def test_systemd_resolved_is_told_nothing_where_there_is_nothing_to_tell(resolved: Host) -> None:
    do(resolved)
    assert (resolved.drop_in.exists(), told(resolved)) == (False, 0)
    do(resolved, domains={"local"})
    do(resolved)
    assert (resolved.drop_in.exists(), told(resolved)) == (False, 2)


def test_systemd_resolved_hears_of_a_new_domain(resolved: Host) -> None:
    async def story() -> None:
        resolver = HostResolver(resolved, "127.0.0.1", port=0)
        await on_a_free_port(resolver.start)
        resolver.update(configuration(zones=["local", "new.example"]))
        await asyncio.to_thread(until, lambda: "~local ~new.example\n" in text(resolved.drop_in), "the new domain")
        await resolver.close()
        assert not resolved.drop_in.exists()

    asyncio.run(story())


def test_one_that_runs_and_is_not_asked_is_left_alone(resolved: Host) -> None:
    host = resolved
    host.resolv_conf.write_text(BEFORE)
    do(host, domains={"local"})
    assert not host.drop_in.exists()
    assert servers(host)[0] == ADDRESS


def test_a_file_that_is_no_text_is_restored_byte_by_byte(host: Host) -> None:
    host.resolv_conf.write_bytes(b"# \xff\xfe\nnameserver 10.0.0.2\r\n")
    do(host)
    undo(host)
    assert host.resolv_conf.read_bytes() == b"# \xff\xfe\nnameserver 10.0.0.2\r\n"


def test_it_begins_with_what_an_earlier_one_left_and_leaves_nothing_itself(host: Host) -> None:
    async def story() -> None:
        do(host, "127.0.63.99")
        resolver = HostResolver(host, "127.0.0.1", port=0)
        await on_a_free_port(resolver.start)
        assert servers(host) == ["127.0.0.1", "10.0.0.2", "fe80::1%eth0"]
        resolver.update(configuration())
        await resolver.close()
        assert host.resolv_conf.read_text() == BEFORE

    asyncio.run(story())


def test_where_its_address_cannot_be_had_nothing_has_changed(host: Host) -> None:
    async def story() -> None:
        resolver = HostResolver(host, "192.0.2.1")
        with pytest.raises(OSError, match="address"):
            await resolver.start()

    asyncio.run(story())
    assert host.resolv_conf.read_text() == BEFORE
