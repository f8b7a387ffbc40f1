"""The ledger as the gateway sees it: which devices its owner has, and whether a report took effect.

Rules this file keeps:
 1. The gateway signs with one role's key, whose mandate need name no more than the messages of
    batches and alerts; it holds no key of a device and none that moves value.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from xinlian.agents.gateway.watching import KnownDevice
from xinlian.client.http import ApiError, NodeUnreachable
from xinlian.client.session import Refused, Session
from xinlian.contracts.message import Message
from xinlian.modules.devices.types import DeviceTerms
from xinlian.primitives import format_id, parse_id
from xinlian.readmodels.rows import DeviceRow


class NotReported(Exception):  # noqa: N818 - names what happened to the report
    """A report did not take effect; the ledger was away, or it refused."""

    def __init__(self, reference: str, *, is_refused: bool) -> None:
        super().__init__(reference)
        self.reference = reference
        self.is_refused = is_refused
        """True where the same report would be refused again."""


class Ledger(Protocol):
    """Where reports go."""

    def devices(self) -> Iterator[KnownDevice]:
        """Yield the devices of the owner; raises NotReported."""

    def report(self, messages: Sequence[Message]) -> None:
        """Send messages as one transaction and wait for its outcome; raises NotReported."""


class SessionLedger:
    """The ledger behind a session of the owner's."""

    def __init__(self, session: Session, role: str) -> None:
        self._session = session
        self._role = role

    def devices(self) -> Iterator[KnownDevice]:
        """Yield the devices of the owner; raises NotReported."""
        owner = format_id("party", self._session.organisation.party)
        try:
            rows = list(self._session.node.iterate("/v1/devices", DeviceRow, {"owner": owner}))
        except (ApiError, NodeUnreachable) as error:
            raise _not_reported(error) from None
        return map(known_of, rows)

    def report(self, messages: Sequence[Message]) -> None:
        """Send messages as one transaction and wait for its outcome; raises NotReported."""
        try:
            self._session.submit(*messages, roles=[self._role])
        except Refused as error:
            raise NotReported(error.reference, is_refused=True) from None
        except (ApiError, NodeUnreachable) as error:
            raise _not_reported(error) from None


def known_of(row: DeviceRow) -> KnownDevice:
    """Return what a row of the read model says of a device."""
    return KnownDevice(
        device=parse_id("device", row.device_id),
        public_key=bytes.fromhex(row.public_key),
        terms=DeviceTerms(
            interval_ms=row.interval_ms,
            silence_ms=row.silence_ms,
            lowest_e3=row.lowest_e3,
            highest_e3=row.highest_e3,
            speed_max_kmh=row.speed_max_kmh,
            flat_after=row.flat_after,
        ),
        until_ms=row.until_ms,
        is_in_use=row.status == "in_use",
        last_no=row.last_no,
        heard_at_ms=row.heard_at_ms,
        alert_rules=row.alert_rules,
        alert_until_ms=row.alert_until_ms,
    )


def _not_reported(error: ApiError | NodeUnreachable) -> NotReported:
    if isinstance(error, ApiError):
        return NotReported(error.reference, is_refused=not error.transient)
    return NotReported("client/node_unreachable", is_refused=False)
