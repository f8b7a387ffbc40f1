"""Each registered invariant sees the damage that it is there for: none of them cannot fail."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from support import credit_damage
from xinlian.apps.supply_chain.guarantee_records import (
    CALLS_OF,
    GUARANTEES,
    CallOfGuarantee,
    GuaranteeStatus,
)
from xinlian.apps.supply_chain.guarantee_records import Guarantee as CertificateGuarantee
from xinlian.apps.supply_chain.offer_types import (
    ACCEPTED,
    CALLS,
    SEALED_OFFERS,
    AcceptedOffer,
    CallStatus,
    FinanceCall,
    SealedOffer,
)
from xinlian.apps.supply_chain.types import CERTIFICATES, INVOICES, LEAVES, LINES, Finance
from xinlian.bootstrap import INVARIANTS
from xinlian.ledger.overlay import Overlay
from xinlian.ledger.records import Collection
from xinlian.modules.accounts.messages import BookStatement, PendTransfer, SetBounds
from xinlian.modules.accounts.types import ACCOUNTS, BOUNDS, DIFFERENCES, PENDING
from xinlian.modules.conditions.types import PACK_USES, PACKS, PackUse, RulePack
from xinlian.modules.consent.types import CONSENTS, READS, Consent, ConsentRead
from xinlian.modules.devices.types import BATCHES, Batch
from xinlian.modules.obligations.types import OBLIGATIONS, TERMS, Guarantee, ObligationStatus
from xinlian.modules.quotas.types import OPEN_ITEMS, USAGE
from xinlian.modules.standing.types import STANDINGS, Standing
from xinlian.modules.validators.types import (
    FREEZES,
    SET_CHANGES,
    VALIDATORS,
    Freeze,
    PowerChange,
    SetChange,
    Validator,
)
from xinlian.primitives.time import MS_PER_DAY, china_day
from xinlian.testing import Consortium
from xinlian.testing.agreements import Agreement
from xinlian.testing.trade import Trade

Damage = Callable[[Overlay], None]
NAMES = {invariant.__name__: invariant for invariant in INVARIANTS}


def first(collection: Collection[Any], state: Overlay) -> tuple[tuple[bytes, ...], Any]:
    return next(iter(collection.scan(state)))


def changed(collection: Collection[Any], **changes: object) -> Damage:
    """Return a damage to the first record of a collection."""

    def damage(state: Overlay) -> None:
        parts, record = first(collection, state)
        values = {
            name: getattr(record, name) + change if isinstance(change, int) else change
            for name, change in changes.items()
        }
        collection.put(state, msgspec.structs.replace(record, **values), *parts)

    return damage


def removed(collection: Collection[Any]) -> Damage:
    return lambda state: collection.delete(state, *first(collection, state)[0])


def guaranteed_by_nobody(state: Overlay) -> None:
    """A called guarantor that answers for nothing."""
    parts, terms = first(TERMS, state)
    guarantee = Guarantee(b"?" * 20, 0, b"", 0, parts[0])
    TERMS.put(state, msgspec.structs.replace(terms, guarantees=(guarantee,)), *parts)


def mended(state: Overlay) -> None:
    """A difference that stands though the ledger has the stated balance."""
    (asset, account), difference = first(DIFFERENCES, state)
    balance_minor = ACCOUNTS.require(state, account).balance_minor
    found = msgspec.structs.replace(difference, closing_minor=balance_minor)
    DIFFERENCES.put(state, found, asset, account)


def used_beyond(state: Overlay) -> None:
    """A rule pack under which more was performed than it allows."""
    pack = RulePack(1, (), (), b"", 1, 1, 1, 0, 0, ended=False)
    PACKS.put(state, pack, b"?" * 20, b"????")
    PACK_USES.put(state, PackUse(1, 0, 2, 2), b"?" * 20, b"????")


def praised(state: Overlay) -> None:
    """A standing without the facts that it is the sum of."""
    STANDINGS.put(state, Standing(1, 1, 0, 0, 0, 0, 0, 0, 0, 0), b"?" * 20)


def read_without_consent(state: Overlay) -> None:
    """A read that nobody let in."""
    read = ConsentRead(b"r" * 20, b"s" * 20, "loan_approval", ("buyers",), bytes(32), 1)
    READS.put(state, read, b"?" * 20, bytes(8))


def read_uncounted(state: Overlay) -> None:
    """A consent that counts a read which is not there."""
    given = (b"s" * 20, b"r" * 20, "loan_approval", ("buyers",), 1, 9, 1, 0, b"", 1, 1, 0)
    CONSENTS.put(state, Consent(*given, 1, 0, 1, 10, 1), b"?" * 20)


def offered_to_nobody(state: Overlay) -> None:
    """A box under a call that has ended, of a bank that nobody asked."""
    call = (b"f" * 20, b"h" * 20, bytes(32), False, False, False, 1, 2, 3, CallStatus.LAPSED)
    CALLS.put(state, FinanceCall(*call), b"?" * 20)
    SEALED_OFFERS.put(state, SealedOffer(bytes(73)), b"?" * 20, b"b" * 20)


def accepted_without_lock(state: Overlay) -> None:
    """Terms that a holder accepted, on a leaf that is locked for nobody."""
    offered_to_nobody(state)
    ACCEPTED.put(state, AcceptedOffer(b"?" * 20, 1, 0), *first(LEAVES, state)[0])


def batch_of_nobody(state: Overlay) -> None:
    """A batch of readings of a device that is not registered."""
    BATCHES.put(state, Batch(bytes(32), 1, 1, 1, 1, 1, 1), b"?" * 20, bytes(8))


def powerless(state: Overlay) -> None:
    """Validators of whom none has power."""
    VALIDATORS.put(state, Validator(b"", 0, 0, 0), b"k" * 32)


def never_on_its_way(state: Overlay) -> None:
    """A power that was decided and that nothing moves."""
    VALIDATORS.put(state, Validator(b"", 1, 2, 0), b"k" * 32)


def moved_too_far(state: Overlay) -> None:
    """A height that moved a third of the power."""
    SET_CHANGES.put(state, SetChange(9, 3, (PowerChange(b"k" * 32, 3),)), bytes(8))


def silenced(state: Overlay) -> None:
    """A member without a vote whose key did nothing."""
    FREEZES.put(state, Freeze(b"k" * 32, 1), b"?" * 20)


def forgotten_default(state: Overlay) -> None:
    """An obligation in default that left no fact."""
    parts, found = first(OBLIGATIONS, state)
    defaulted = msgspec.structs.replace(found, status=ObligationStatus.DEFAULTED)
    OBLIGATIONS.put(state, defaulted, *parts)


def called_beyond_its_cap(state: Overlay) -> None:
    """A guarantor of 1 that is called for all that a certificate is for."""
    (certificate,), _ = first(CERTIFICATES, state)
    guarantee = CertificateGuarantee(
        b"g" * 20, 1, b"a" * 20, 1, bytes(32), 1, GuaranteeStatus.CALLED
    )
    GUARANTEES.put(state, guarantee, certificate, bytes(8))
    CALLS_OF.put(state, CallOfGuarantee(), certificate, bytes(8), certificate)


def called_for_what_is_not_missing(state: Overlay) -> None:
    """A guarantor that owes more than is outstanding."""
    called_beyond_its_cap(state)
    changed(CERTIFICATES, outstanding_minor=-1)(state)


DAMAGES: dict[str, Damage] = {
    "value_is_conserved": changed(ACCOUNTS, debits_minor=1),
    "reservations_are_covered": changed(ACCOUNTS, reserved_minor=1),
    "pending_is_set_aside": changed(PENDING, posted_minor=1),
    "bounds_are_where_accounts_say": removed(BOUNDS),
    "differences_are_real": mended,
    "unbooked_is_of_mirrored_accounts": changed(ACCOUNTS, unbooked_in_minor=2**60),
    "obligations_add_up": changed(OBLIGATIONS, released_minor=2**60),
    "securities_are_the_debtors": changed(OBLIGATIONS, debtor=b"?" * 20),
    "calls_are_within_the_debt": guaranteed_by_nobody,
    "a_debt_is_paid_once": changed(TERMS, ledger_paid_minor=1),
    "orders_of_courts_hold": changed(OBLIGATIONS, enforced_minor=1),
    "use_within_limits": used_beyond,
    "standing_adds_up": praised,
    "open_defaults_are_open": forgotten_default,
    "reads_lie_within_consents": read_without_consent,
    "reads_are_counted": read_uncounted,
    "batches_follow_one_another": batch_of_nobody,
    **credit_damage.DAMAGES,
    "certificate_sums": changed(CERTIFICATES, outstanding_minor=1),
    "leaves_carry_certificates": changed(LEAVES, amount_minor=1),
    "occupation_within_invoices": changed(INVOICES, occupied_minor=2**60),
    "calls_hold_their_offers": offered_to_nobody,
    "accepted_offers_lock_leaves": accepted_without_lock,
    "encumbrances_fit_leaves": changed(LEAVES, finance=Finance.PLEDGED),
    "guarantees_within_caps": called_beyond_its_cap,
    "calls_within_missing": called_for_what_is_not_missing,
    "nothing_is_paid_twice": changed(LEAVES, taken_over_minor=1),
    "disputes_fit_leaves": changed(LEAVES, disputed_minor=1),
    "lowerings_add_up": changed(INVOICES, lowered_minor=1),
    "stop_flags_fit_certificates": changed(LINES, overdue_certificates=1),
    "somebody_validates": powerless,
    "powers_are_on_their_way": never_on_its_way,
    "changes_are_bounded": moved_too_far,
    "freezes_have_a_cause": silenced,
    "markers_are_counted": changed(USAGE, markers=1),
    "open_items_are_counted": changed(OPEN_ITEMS, count=1),
}


@pytest.fixture(scope="module")
def state():
    """A state in which there is something of everything, and all of it holds."""
    c = Consortium()
    trade = Trade(c)
    trade.register()
    trade.certify()
    Agreement(c).agree()
    core = c.account("core")
    pend = PendTransfer(core, c.account("bank"), c["core"].party, 5, c.now_ms() + MS_PER_DAY)
    trade.step("core", SetBounds(core, 1, 2**62), pend)
    yesterday = china_day(c.now_ms()) - 1
    statement = BookStatement(
        c.bank_account("bank"), yesterday, 1, is_credit=True, document_root=bytes(32)
    )
    trade.step("settle", statement)
    with c.engine.application.store.snapshot() as snapshot:
        yield Overlay(snapshot)
    c.close()


def test_every_registered_invariant_has_its_damage():
    assert DAMAGES.keys() == NAMES.keys()


@pytest.mark.parametrize("name", DAMAGES)
def test_an_invariant_names_its_damage_and_nothing_before(state, name):
    mark = state.mark()
    assert list(NAMES[name](state)) == []
    DAMAGES[name](state)
    assert list(NAMES[name](state))
    state.rollback(mark)
    assert list(NAMES[name](state)) == []
