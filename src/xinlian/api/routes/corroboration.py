"""What the facts and verdicts about a subject come to, from the rows that a reader may read.

Rules this file keeps:
 1. The rows are weighed by the ledger's own function; nothing is judged here.
"""

from collections.abc import Iterable
from typing import Final

from xinlian.client.wire import CorroborationAnswer, CureAnswer, WarningAnswer
from xinlian.modules.devices.keeper import standing_of
from xinlian.modules.evidence.contradiction import opposed
from xinlian.modules.evidence.corroboration import Corroboration, corroborate
from xinlian.modules.evidence.cures import AGREE, CURES, SPEAK_AGAIN, Cure
from xinlian.modules.evidence.types import Fact, Verdict, VerdictOutcome
from xinlian.modules.evidence.watches import DeviceWarning
from xinlian.primitives import format_id, parse_id
from xinlian.readmodels import rows
from xinlian.readmodels.rows import Page

_CONTRADICTION: Final = "contradiction"
_WARNING: Final = "warning"
_IN_USE: Final = "in_use"


def corroboration_answer(
    subject: str,
    facts: Page[rows.FactRow],
    verdicts: Page[rows.VerdictRow],
    watching: Iterable[rows.DeviceRow] = (),
) -> CorroborationAnswer:
    """Return what all facts and verdicts about a subject come to, as of the later page."""
    at_ms = max(facts.time_ms, verdicts.time_ms)
    found = corroborate(
        (Fact(row.kind, row.flow, row.grade, b"", row.time_ms) for row in facts.rows),
        opposed(((parse_id("party", row.party), _verdict(row)) for row in verdicts.rows), at_ms),
        _warnings(watching, at_ms),
    )
    passing, blocking = (
        tuple(format_id("party", party) for party in side)
        for side in (found.opposed.passing, found.opposed.blocking)
    )
    return CorroborationAnswer(
        height=max(facts.height, verdicts.height),
        subject=subject,
        corroborated=tuple(flow.value for flow in found.corroborated),
        missing=tuple(flow.value for flow in found.missing),
        complete=found.is_complete,
        result=found.result.value,
        passing=passing,
        blocking=blocking,
        cures=_cures(found),
        warnings=tuple(
            WarningAnswer(format_id("device", one.device), one.reasons) for one in found.warnings
        ),
    )


def _warnings(watching: Iterable[rows.DeviceRow], at_ms: int) -> tuple[DeviceWarning, ...]:
    found = (
        DeviceWarning(
            parse_id("device", row.device_id),
            standing_of(
                is_in_use=row.status == _IN_USE and at_ms <= row.until_ms,
                is_silent=row.heard_at_ms + row.silence_ms < at_ms,
                rules=row.alert_rules if at_ms <= row.alert_until_ms else (),
            ),
        )
        for row in watching
    )
    return tuple(one for one in found if one.reasons)


def _verdict(row: rows.VerdictRow) -> Verdict:
    return Verdict(
        outcome=VerdictOutcome[row.outcome.upper()],
        failures=row.failures,
        document_roots=tuple(bytes.fromhex(root) for root in row.document_roots),
        checks_version=row.checks_version,
        given_at_ms=row.given_at_ms,
        expires_at_ms=row.expires_at_ms,
    )


def _cures(found: Corroboration) -> tuple[CureAnswer, ...]:
    agree = (_cure(_CONTRADICTION, AGREE),) if found.is_contradicted else ()
    speak = (_cure(_WARNING, SPEAK_AGAIN),) if found.warnings else ()
    return (*agree, *speak, *(_cure(flow.value, CURES[flow]) for flow in found.missing))


def _cure(of: str, cure: Cure) -> CureAnswer:
    return CureAnswer(of, cure.english, cure.chinese)
