"""Whatever subjects give and readers try, in whatever order: no read lies outside a consent.

The rules are written a second time here, over plain lists, and every attempt must come out as they
say; the registered invariants are run over the whole state as well.
"""

import dataclasses
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from xinlian.contracts.context import Context
from xinlian.contracts.ports import Ports
from xinlian.ledger.overlay import Overlay
from xinlian.modules.consent.handlers import END_HANDLER, end_consent, record_read, revoke_consent
from xinlian.modules.consent.invariants import INVARIANTS
from xinlian.modules.consent.messages import RecordRead, RevokeConsent
from xinlian.modules.consent.types import CONSENTS, READS, Consent, ConsentStatus
from xinlian.modules.schedule.keeper import add_item
from xinlian.primitives import LedgerError, PartyId
from xinlian.primitives.time import MS_PER_DAY
from xinlian.storage import MemoryStore

SUBJECT, READER, OTHER = (PartyId(letter * 20) for letter in (b"s", b"r", b"o"))
ID: Final = b"c" * 20
START_MS: Final = 10 * MS_PER_DAY
KINDS: Final = ("activity", "being_paid", "buyers", "own_promises")
PURPOSES: Final = ("loan_approval", "post_loan")

some_kinds = st.sets(st.sampled_from(KINDS), min_size=1).map(lambda found: tuple(sorted(found)))
consents: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    purpose=st.sampled_from(PURPOSES),
    data_kinds=some_kinds,
    from_ms=st.integers(START_MS - MS_PER_DAY, START_MS + 2 * MS_PER_DAY),
    days=st.integers(1, 5),
    reads_max=st.integers(1, 3),
    period_days=st.integers(0, 2),
)
attempts = st.lists(
    st.tuples(
        st.sampled_from((READER, READER, READER, OTHER, SUBJECT)),
        st.sampled_from(PURPOSES),
        some_kinds,
        st.integers(1, MS_PER_DAY),
        st.sampled_from(("read",) * 8 + ("revoke", "end")),
    ),
    max_size=30,
)


@dataclasses.dataclass
class Model:
    """The consent as its subject understands it."""

    terms: dict[str, Any]
    revoked: bool = False
    reads_at: list[int] = dataclasses.field(default_factory=list)

    def allows(self, party, purpose, kinds, now_ms):
        """Return whether a read is within the consent."""
        terms = self.terms
        until_ms = terms["from_ms"] + terms["days"] * MS_PER_DAY
        if party != READER or self.revoked or not terms["from_ms"] <= now_ms <= until_ms:
            return False
        if purpose != terms["purpose"] or any(k not in terms["data_kinds"] for k in kinds):
            return False
        return (
            len([at for at in self.reads_at if self.period(at) == self.period(now_ms)])
            < (terms["reads_max"])
        )

    def period(self, at_ms):
        """Return in which period a moment lies."""
        days = self.terms["period_days"]
        return (at_ms - self.terms["from_ms"]) // (days * MS_PER_DAY) if days else 0


def state_with(terms):
    with MemoryStore().snapshot() as empty:
        state = Overlay(empty)
    until_ms = terms["from_ms"] + terms["days"] * MS_PER_DAY
    slot = add_item(state, until_ms + 1, END_HANDLER, ID)
    consent = Consent(
        subject=SUBJECT,
        reader=READER,
        purpose=terms["purpose"],
        data_kinds=terms["data_kinds"],
        from_ms=terms["from_ms"],
        until_ms=until_ms,
        reads_max=terms["reads_max"],
        period_days=terms["period_days"],
        terms_root=b"",
        status=ConsentStatus.GIVEN,
        given_at_ms=START_MS,
        ended_at_ms=0,
        read_count=0,
        period_no=0,
        period_reads=0,
        item_due_at_ms=slot.due_at_ms,
        item_no=slot.sequence_no,
    )
    CONSENTS.put(state, consent, ID)
    return state


def context_of(state, party, now_ms):
    return Context(
        state=state,
        chain_id="test",
        height=1,
        time_ms=now_ms,
        acting_for=party,
        payer=party,
        signers=(),
        idempotency_key=b"",
        call_index=0,
        work_left=9,
        ports=Ports(),
    )


@given(consents, attempts)
def test_a_read_is_accepted_exactly_where_the_consent_allows_it(terms, tried):
    state, model, now_ms = state_with(terms), Model(terms), START_MS
    for party, purpose, kinds, later_ms, what in tried:
        now_ms += later_ms
        context = context_of(state, party, now_ms)
        if what == "end":
            end_consent(context, ID)  # it may run early or late: no guard depends on it
            continue
        if what == "revoke":
            model.revoked |= was_done(lambda now=context: revoke_consent(now, RevokeConsent(ID)))
            continue
        expected = model.allows(party, purpose, kinds, now_ms)
        read = RecordRead(ID, purpose, kinds, bytes(32))
        assert was_done(lambda now=context, one=read: record_read(now, one)) == expected
        if expected:
            model.reads_at.append(now_ms)
    assert [read.read_at_ms for _, read in READS.scan(state, ID)] == model.reads_at
    assert [broken for invariant in INVARIANTS for broken in invariant(state)] == []


def was_done(act):
    try:
        act()
    except LedgerError:
        return False
    return True
