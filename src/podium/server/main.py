"""Starting and ending the server process."""

import asyncio
import fcntl
import gc
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from podium import ec2, elbv2, kms
from podium.ecs.timing import PRESETS, Timing
from podium.journals.errors import NotWritten
from podium.kernel.clock import WallClock
from podium.runtime.core import Core
from podium.runtime.dice import Dice
from podium.runtime.running import RunningCore
from podium.server import keyring, keys, plane
from podium.server.admin import Admin
from podium.server.asgi import App
from podium.server.callers import Callers
from podium.server.config import LEAST_PATIENCE, Config, ConfigError, parsed
from podium.server.front import Front
from podium.server.hooks import Hooks
from podium.server.hub import Hub
from podium.server.journals import ServerJournals
from podium.server.keyring import Keyring
from podium.server.metering import write_each_minute
from podium.server.pages.events import EventPages
from podium.server.pages.explaining import ExplainPages
from podium.server.pages.instances import InstancePages
from podium.server.pages.journal import JournalPages
from podium.server.pages.reset import STARTING, ResetPages
from podium.server.pages.spot import SpotPages
from podium.server.pages.traffic import TrafficPages
from podium.server.proxies import Proxies
from podium.server.retention import LogRetention
from podium.server.rotations import Rotations
from podium.server.sessions.doors import Sessions
from podium.server.sessions.transcripts import Transcripts
from podium.server.throttle import Throttle
from podium.store.database import Database, StoreError
from podium.store.session import Transaction
from podium.store.sqlite import SqliteDatabase
from podium_program.parent import end_with_parent

CONFIGURATION_ERROR = 3  # the exit code that tells a supervisor not to try again
STEPPED_DOWN = 4
FORGET_EVERY_SECONDS = 3600.0
REFUSED_CHANNEL = "ASGI callable returned without completing handshake"  # what uvicorn makes of a proper HTTP answer
EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}
NEVER = 1_000_000_000  # collections of the middle generation before a full one
log = logging.getLogger("podium.server")


def main(arguments: list[str]) -> int:
    end_with_parent()
    os.umask(0o077)
    _log_lines()
    try:
        config = parsed(arguments)
        with _owned(config.data_dir), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(serve(config))
    except (ConfigError, StoreError) as error:
        print(error, file=sys.stderr)  # noqa: T201  (the supervisor shows the last line)
        return CONFIGURATION_ERROR


async def serve(config: Config) -> int:
    listener = _listen(config)
    installed, keyring_ = keys.opened(config), keyring.opened(config.data_dir)
    clock, ids = WallClock(), Dice()
    database = _database(config)
    events = config.events_kept is not None
    assembled = plane.assembled(database, clock, ids, _timing(config), config.lost_share, events, config.limits)
    stepped_down = asyncio.Event()

    def step_down(reason: str) -> None:
        log.error("stepping down reason=%s", reason)
        stepped_down.set()

    _settle(config, assembled.core)
    _say_lost_keys(assembled.core, keyring_)
    core = RunningCore(assembled.core, database, assembled.epoch, step_down)
    callers = Callers(installed, keyring_, core)
    core.core.watchers.append(callers.changed)
    journals = ServerJournals(config.data_dir, clock, config.metrics_kept)
    throttle = Throttle() if config.throttle else None
    hooks = Hooks(config.data_dir)
    beside = _beside(config)
    front = Front(core, callers, clock, ids, keyring_, journals, throttle, config.limits, hooks.known)
    rotations = Rotations(core, clock, ids, keyring_, hooks, journals, _near(config, listener, beside))
    hub = Hub(core, assembled.epoch, clock, ids, keyring_)
    proxies = Proxies(core, clock, keyring_, journals, config.default_vpc, eager=config.timing == "fast")
    sessions = Sessions(core, hub, clock, ids, keyring_, Transcripts(core, journals, clock, ids))
    journal = JournalPages(core, clock)
    reset = ResetPages(core, clock, journals, assembled.core.store.kinds(), config.allow_reset)
    front.before |= dict.fromkeys(STARTING, reset.before)
    told, instances = EventPages(core, clock, config.events_kept), InstancePages(core, clock, keyring_)
    more = (ExplainPages(core, clock, hub.usage), SpotPages(core, clock), TrafficPages(core, proxies))
    pages = [one.pages() for one in (journal, told, instances, reset, *more)]
    admin = Admin(config, core, front, assembled.services, clock, pages)
    app = App(front, hub, proxies, sessions, admin, config.scheme)
    _rest_the_collector()
    core.start()
    journals.start()
    helpers = (
        asyncio.create_task(_forget_old(journal, told, journals, LogRetention(core, clock, journals))),
        asyncio.create_task(write_each_minute(core, clock, hub.usage, journals)),
        asyncio.create_task(rotations.run()),
    )
    try:
        await _run(
            config,
            listener,
            beside,
            app,
            stepped_down,
            (app.close_all, sessions.close_all, hub.close_all, proxies.close_all, admin.close),
        )
    finally:
        for helper in helpers:
            helper.cancel()
        await asyncio.gather(*helpers, return_exceptions=True)
        await asyncio.to_thread(journals.close)
        await core.stop()
        database.close()
    return STEPPED_DOWN if stepped_down.is_set() else 0


def _settle(config: Config, core: Core) -> None:
    """Write down which addresses this Podium's networks and load balancers have, where they are new."""
    home, vpc, pool = f"aws:{config.region}:{config.account}", config.default_vpc, config.public_addresses
    if vpc is not None:
        core.write(lambda tx: ec2.settle(tx, home, vpc), lambda result, error: None)
    core.write(lambda tx: elbv2.settle_pool(tx, home, pool), lambda result, error: None)


def _say_lost_keys(core: Core, keyring_: Keyring) -> None:
    """When the keyring is not the one that the keys of KMS were sealed with, nothing that they encrypted opens."""

    def look(tx: Transaction) -> None:
        lost = kms.lost_keys(tx, keyring_)
        if lost:
            log.error("the keyring does not open keys=%d first=%s reason=%s", len(lost), *lost[0])

    core.read(look, lambda result, error: None)


def _timing(config: Config) -> Timing:
    timing = replace(PRESETS[config.timing], stopped_kept=timedelta(hours=config.keep_stopped_hours))
    if config.lost_after is None:
        return timing
    return replace(timing, lost_after=timedelta(seconds=config.lost_after) if config.lost_after else None)


async def _forget_old(*kept: JournalPages | EventPages | ServerJournals | LogRetention) -> None:
    while True:
        await asyncio.sleep(FORGET_EVERY_SECONDS)
        try:
            for journal in kept:
                await journal.forget_old()
        except (StoreError, NotWritten) as error:
            log.warning("old audit entries, events, metrics and logs stay for now reason=%s", error)
        except Exception:
            log.exception("old audit entries, events, metrics and logs stay for now")


async def _run(
    config: Config,
    listener: socket.socket,
    beside: socket.socket | None,
    app: Any,
    stepped_down: asyncio.Event,
    farewells: tuple[Callable[[], None], ...],
) -> None:
    server = _server(app, config)
    serving = asyncio.create_task(server.serve([listener]))
    plain = _server(app) if beside is not None else None
    serving_beside = asyncio.create_task(plain.serve([beside])) if plain is not None and beside is not None else None
    up = asyncio.create_task(server.up.wait())
    await asyncio.wait({serving, up}, return_when=asyncio.FIRST_COMPLETED)
    up.cancel()
    ending = asyncio.create_task(_told_to_end(stepped_down))
    await asyncio.sleep(0)  # its signal handlers are in place before anyone hears where to call
    note = config.data_dir / "run" / "server.json"
    _announce(note, _url(config, listener))
    await asyncio.wait({serving, ending}, return_when=asyncio.FIRST_COMPLETED)
    for farewell in farewells:
        farewell()
    server.should_exit = True
    if plain is not None and serving_beside is not None:
        plain.should_exit = True
        await serving_beside
    await serving
    ending.cancel()
    note.unlink(missing_ok=True)


def _server(app: Any, tls: Config | None = None) -> "_Server":
    return _Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            ws_max_size=16 * 1024 * 1024,
            ws_ping_interval=LEAST_PATIENCE,
            ws_ping_timeout=LEAST_PATIENCE,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=3,
            server_header=False,
            proxy_headers=False,
            ssl_certfile=tls.tls_certificate if tls is not None else None,
            ssl_keyfile=tls.tls_key if tls is not None else None,
        )
    )


class _Server(uvicorn.Server):
    """uvicorn's server, which tells when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


async def _told_to_end(stepped_down: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    waits = [asyncio.create_task(event.wait()) for event in (told, stepped_down)]
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()


def _rest_the_collector() -> None:
    """Records hold no cycles, so what was loaded need not be searched, and full collections stay off while serving."""
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, NEVER)


def _log_lines() -> None:
    """One event, one line, on stderr, stamped in UTC; what uvicorn says of every connection stays out.

    Nothing is looked up that no line shows: where in the code, in which thread and process.
    """
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.Formatter.converter = time.gmtime
    form = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, datefmt="%Y-%m-%dT%H:%M:%S")
    uvicorns = logging.getLogger("uvicorn.error")
    uvicorns.setLevel(logging.WARNING)
    uvicorns.addFilter(lambda line: not line.getMessage().startswith(REFUSED_CHANNEL))


def _database(config: Config) -> Database:
    if config.database is None:
        return SqliteDatabase(config.data_dir / "podium.db")
    if not config.database.startswith(("postgres://", "postgresql://")):
        raise ConfigError("--database takes a postgresql:// address; without it, SQLite in the data dir is used.")
    try:
        from podium.store.postgres import PostgresDatabase
    except ImportError as error:
        raise ConfigError("PostgreSQL needs the psycopg package: pip install 'podium[postgres]'.") from error
    return PostgresDatabase(config.database)


@contextmanager
def _owned(data_dir: Path) -> Iterator[None]:
    """The data dir, made if need be and locked while the server lives."""
    try:
        (data_dir / "run").mkdir(parents=True, exist_ok=True)
        data_dir.chmod(0o700)
        lock = os.open(data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigError(
            f"The data dir {data_dir} cannot be used: {error.strerror}. Choose another with --data-dir."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise ConfigError(f"Another Podium server is using {data_dir}. `podium status` shows it.") from error
    try:
        yield
    finally:
        os.close(lock)


def _listen(config: Config) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, every answer takes 40 ms more
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((config.host, config.port))
    except OSError as error:
        raise ConfigError(
            f"Port {config.port} on {config.host} cannot be used: {error.strerror}. "
            "Choose another with --port, or 0 for any."
        ) from error
    return listener


def _announce(note: Path, url: str) -> None:
    """Tell the rest of Podium where the server is; whole or not at all."""
    draft = note.with_suffix(".new")
    started = WallClock().now().isoformat()
    draft.write_text(json.dumps({"pid": os.getpid(), "url": url, "startedAt": started}))
    draft.replace(note)
    log.info("listening url=%s pid=%d", url, os.getpid())


def _url(config: Config, listener: socket.socket) -> str:
    return f"{config.scheme}://{_shown(config.host)}:{listener.getsockname()[1]}"


def _beside(config: Config) -> socket.socket | None:
    """A door on the loopback without TLS, for commands of this machine: they need not know by which name, and by whose
    word, the certificate is good. None where the other door is without TLS.
    """
    return _listen(replace(config, host="127.0.0.1", port=0)) if config.tls_certificate else None


def _near(config: Config, listener: socket.socket, beside: socket.socket | None) -> str:
    """Where commands of this machine call: an address that stands for all of its own is none to call."""
    if beside is not None:
        return f"http://127.0.0.1:{beside.getsockname()[1]}"
    return _url(replace(config, host=EVERY_ADDRESS.get(config.host, config.host)), listener)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
