"""What the commands of the gateway do; imported when a command needs it, for its libraries.

Rules this file keeps:
 1. It works with the machine's clock, so only on a chain whose clock is live.
 2. The password of a broker comes from the environment, never from the command line.
"""

import contextlib
import dataclasses
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from xinlian.agents.gateway import (
    BrokerAddress,
    EmbeddedBroker,
    Gateway,
    GatewayError,
    Journal,
    Line,
    ListenAddress,
    Pace,
    SessionLedger,
    read_address,
)
from xinlian.agents.gateway.checking import Checked, check_batches
from xinlian.cli.output import CommandRefused, error_console
from xinlian.client.session import Session
from xinlian.engines.embedded.clock import wall_clock_ms
from xinlian.primitives import format_id

PASSWORD_VARIABLE: Final = "XINLIAN_MQTT_PASSWORD"  # noqa: S105 - the name of a variable
SECONDS_BETWEEN_WORDS: Final = 60
_PORT_MAX: Final = 65_535


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """Where readings come from: a broker inside, or one elsewhere."""

    listen: str
    certificate: Path | None
    key: Path | None
    broker: str
    topic: str
    is_version_5: bool
    ca_file: Path | None


def work(session: Session, role: str, folder: Path, source: Source, batch_seconds: int) -> None:
    """Run a gateway until it is interrupted; raises CommandRefused."""
    if session.node.ready().simulated:
        raise CommandRefused(
            "gateway/clock_simulated",
            "此链使用模拟时钟 / the clock of this chain is simulated",
            "run the gateway on a chain with a live clock / 请在实时时钟的链上运行",
        )
    if role not in session.organisation.keys:
        raise CommandRefused("client/no_such_role", f"the keyring has no key for {role}")
    with told_of_errors(), contextlib.closing(Journal(folder)) as journal:
        gateway = Gateway(
            session.organisation.chain_id,
            SessionLedger(session, role),
            journal,
            wall_clock_ms,
            Pace(batch_ms=batch_seconds * 1_000),
        )
        with _opened(source, gateway):
            _until_interrupted(gateway)


def check(session: Session, device_id: str, folder: Path) -> Checked:
    """Compare kept readings with the ledger; raises CommandRefused."""
    with told_of_errors(), contextlib.closing(Journal(folder)) as journal:
        return check_batches(session, journal, device_id)


@contextlib.contextmanager
def told_of_errors() -> Iterator[None]:
    """Make what a gateway cannot do a refusal of the command."""
    try:
        yield
    except GatewayError as error:
        raise CommandRefused(error.reference, str(error), error.next_step) from None


def _opened(source: Source, gateway: Gateway) -> EmbeddedBroker | Line:
    if source.broker:
        host, port, is_tls, user = read_address(source.broker)
        error_console.print(f"连接外部代理 / connecting to {host}:{port}")
        address = BrokerAddress(
            host,
            port,
            is_tls=is_tls,
            user=user,
            password=os.environ.get(PASSWORD_VARIABLE, ""),
            topic=source.topic,
            is_version_5=source.is_version_5,
            ca_file=source.ca_file,
        )
        return Line(address, gateway.offer)
    listen = _listen_address(source)
    broker = EmbeddedBroker(listen, gateway.offer)
    error_console.print(
        f"内置代理监听 / the embedded broker listens on {listen.host}:{broker.port}"
    )
    return broker


def _listen_address(source: Source) -> ListenAddress:
    host, _, port = source.listen.rpartition(":")
    if not host or not (port.isascii() and port.isdigit()) or int(port) > _PORT_MAX:
        raise CommandRefused("cli/field_refused", "--listen is HOST:PORT")
    return ListenAddress(host.strip("[]"), int(port), source.certificate, source.key)


def _until_interrupted(gateway: Gateway) -> None:
    """Work in a thread of its own; tell every minute what was done."""
    working = threading.Thread(target=gateway.run, name="gateway")
    working.start()
    try:
        with contextlib.suppress(KeyboardInterrupt), _ended_by_signal():
            while working.is_alive():
                working.join(SECONDS_BETWEEN_WORDS)
                tell(gateway)
    finally:
        gateway.stop()
        working.join()
        tell(gateway)


def tell(gateway: Gateway) -> None:
    """Say what was taken, refused and reported, and what stands."""
    counts = ", ".join(f"{name} {count}" for name, count in sorted(gateway.counts.items()))
    error_console.print(counts or "没有读数 / no readings yet")
    for device, rules in gateway.standing().items():
        error_console.print(f"报警 / alert {format_id('device', device)}: {', '.join(rules)}")


@contextlib.contextmanager
def _ended_by_signal() -> Iterator[None]:
    """Let SIGTERM be an interruption, as whoever stops a service sends it."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
