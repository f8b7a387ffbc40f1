"""What holds of consents and reads at every height."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from xinlian.ledger.ports import StateView
from xinlian.modules.consent.types import CONSENTS, READS, Consent, ConsentRead, ConsentStatus


def reads_lie_within_consents(state: StateView) -> Iterator[str]:
    """No read lies outside the time, parties, purpose or kinds of data of its consent."""
    for (consent_id, number), read in READS.scan(state):
        consent = CONSENTS.get(state, consent_id)
        if consent is None or not _covers(consent, read):
            no = int.from_bytes(number, "big")
            yield f"read {no} under {consent_id.hex()} lies outside the consent"


def reads_are_counted(state: StateView) -> Iterator[str]:
    """A consent counts its reads, and no period of it has more than it allows."""
    counts: Counter[tuple[bytes, int]] = Counter()
    totals: Counter[bytes] = Counter()
    for (consent_id, _), read in READS.scan(state):
        consent = CONSENTS.get(state, consent_id)
        totals[consent_id] += 1
        counts[consent_id, 0 if consent is None else consent.period_at(read.read_at_ms)] += 1
    for (consent_id,), consent in CONSENTS.scan(state):
        if totals[consent_id] != consent.read_count:
            yield f"consent {consent_id.hex()} miscounts its reads"
        if counts[consent_id, consent.period_no] != consent.period_reads:
            yield f"consent {consent_id.hex()} miscounts the reads of its last period"
    for (consent_id, _), count in counts.items():
        allowing = CONSENTS.get(state, consent_id)
        if allowing is not None and count > allowing.reads_max:
            yield f"consent {consent_id.hex()} was read more often than it allows"


def _covers(consent: Consent, read: ConsentRead) -> bool:
    is_revoked = consent.status == ConsentStatus.REVOKED
    last_ms = consent.ended_at_ms if is_revoked else consent.until_ms
    return (
        (consent.reader, consent.subject) == (read.reader, read.subject)
        and consent.from_ms <= read.read_at_ms <= last_ms
        and consent.purpose == read.purpose
        and set(consent.data_kinds) >= set(read.data_kinds)
    )


INVARIANTS: Final[tuple[Callable[[StateView], Iterator[str]], ...]] = (
    reads_lie_within_consents,
    reads_are_counted,
)
