"""SC-T1 to SC-T4: each guard by itself, then their order."""

import msgspec
import pytest

from unit.apps.supply_chain.looking import certificate_of, obligation_of, try_out
from unit.ledger.fakes import TableView
from xinlian.apps.supply_chain.errors import WindowClosed
from xinlian.apps.supply_chain.issue import accept_certificate, issue_certificate
from xinlian.apps.supply_chain.messages import (
    AcceptCertificate,
    DeclineCertificate,
    IssueCertificate,
    ProposeCertificate,
    RegisterInvoice,
    WithdrawCertificate,
)
from xinlian.apps.supply_chain.types import INVOICES, LINES, Life
from xinlian.contracts.context import Context
from xinlian.contracts.ports import Ports
from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.types import account_id
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.evidence.messages import SubmitVerdict
from xinlian.modules.members.types import key_id_of
from xinlian.modules.obligations.types import ObligationStatus
from xinlian.primitives.time import (
    MS_PER_DAY,
    MS_PER_HOUR,
    china_day,
    china_midnight_ms,
    day_of_iso,
)
from xinlian.testing import Consortium
from xinlian.testing.trade import FACE_MINOR, GROSS_MINOR, SUCCEEDED, Trade

ELSEWHERE = b"\x01" * 32
replace = msgspec.structs.replace


def test_registering_an_invoice_needs_its_document_its_seller_and_another_buyer(trade):
    c = trade.consortium
    core = c["core"].party
    trade.step("supplier1", RegisterDocument(ELSEWHERE, "invoice", 1))
    for name, message, expected in (
        ("supplier1", RegisterInvoice(ELSEWHERE, bytes(20), "CNY", 5, 0), "members/unknown_party"),
        ("supplier1", RegisterInvoice(bytes(32), core, "CNY", 5, 0), "documents/unknown_document"),
        ("supplier2", RegisterInvoice(ELSEWHERE, core, "CNY", 5, 0), "supply_chain/not_supplier"),
        (
            "supplier1",
            RegisterInvoice(trade.root("invoice"), core, "CNY", 5, 0),
            "supply_chain/invoice_exists",
        ),
        (
            "supplier1",
            RegisterInvoice(ELSEWHERE, c["supplier1"].party, "CNY", 5, 0),
            "supply_chain/parties_invalid",
        ),
        ("supplier1", RegisterInvoice(ELSEWHERE, core, "CNY", 5, 5), "supply_chain/amount_invalid"),
        ("supplier1", RegisterInvoice(ELSEWHERE, core, "RMB", 5, 0), "supply_chain/amount_invalid"),
        ("supplier1", RegisterInvoice(ELSEWHERE, core, "CNY", 5, 4), SUCCEEDED),
    ):
        assert try_out(c, name, message).reference == expected, message


def test_a_proposal_is_checked_in_its_order(trade):
    c = trade.consortium
    good = trade.proposal()
    today = china_day(c.now_ms())
    rows: list[tuple[str, ProposeCertificate, str]] = [
        ("core", replace(good, invoice_root=ELSEWHERE), "supply_chain/unknown_invoice"),
        ("bank", replace(good, contract_root=ELSEWHERE), "supply_chain/parties_invalid"),
        ("core", replace(good, contract_root=ELSEWHERE, due_day=0), "documents/unknown_document"),
        ("core", replace(good, due_day=today, face_minor=10**10), "supply_chain/due_date_invalid"),
        (
            "core",
            replace(good, due_day=day_of_iso("2027-12-01"), face_minor=10**10),
            "supply_chain/term_too_long",
        ),
        ("core", replace(good, face_minor=10**10, deposit=bytes(20)), "supply_chain/line_exceeded"),
        ("core", replace(good, deposit=bytes(20)), "supply_chain/amount_invalid"),
        ("core", replace(good, due_day=today + 1), SUCCEEDED),
        ("core", replace(good, due_day=day_of_iso("2027-11-30")), SUCCEEDED),
        ("supplier1", good, SUCCEEDED),
    ]
    for name, message, expected in rows:
        tried = try_out(c, name, message)
        assert tried.reference == expected, message
        assert tried.changes_nothing == (expected != SUCCEEDED)


def test_issuing_is_checked_in_its_order(trade):
    c = trade.consortium
    certificate = trade.propose()
    good = trade.promise(certificate)

    def gives(message: IssueCertificate = good, name: str = "core", *roles: str) -> str:
        return try_out(c, name, message, roles=roles or ("finance-1", "finance-2")).reference

    assert gives(replace(good, certificate=bytes(20))) == "supply_chain/unknown_certificate"
    assert gives(good, "supplier1", "finance-1") == "supply_chain/not_obligor"
    assert gives(good, "core", "finance-1") == "members/threshold_not_met"
    assert gives() == "supply_chain/verdict_missing"
    trade.step("core", trade.verdict())
    assert gives() == "supply_chain/verdict_missing"
    trade.step("supplier1", trade.verdict())
    assert gives() == SUCCEEDED
    cutoff_ms = china_midnight_ms(trade.due_day) + 17 * MS_PER_HOUR
    for changes in (
        {"account": bytes(20)},
        {"account": c.account("bank")},
        {"account": account_id(c["settle"].party, c.deposit)},
        {"authority_cap_minor": FACE_MINOR - 1},
        {"authority_until_ms": cutoff_ms - 1},
    ):
        assert gives(replace(good, **changes)) == "supply_chain/authority_invalid", changes
    exact = {"authority_cap_minor": FACE_MINOR, "authority_until_ms": cutoff_ms}
    assert gives(replace(good, **exact)) == SUCCEEDED


@pytest.mark.parametrize(
    ("outcome", "failures", "hours_later", "expires_in_hours"),
    [(2, ("quantity",), 0, 24), (3, ("quantity",), 0, 24), (1, (), 2, 1), (1, (), 25, 24 * 7)],
    ids=["hold", "block", "expired", "older than policy allows"],
)
def test_a_verdict_must_pass_and_be_fresh(trade, outcome, failures, hours_later, expires_in_hours):
    c = trade.consortium
    certificate = trade.propose()
    trade.step("supplier1", trade.verdict())
    expires_at_ms = c.now_ms() + expires_in_hours * MS_PER_HOUR
    roots = (trade.root("invoice"),)
    given = SubmitVerdict(trade.root("invoice"), outcome, failures, roots, 1, expires_at_ms)
    trade.step("core", given)
    c.advance_to(c.now_ms() + hours_later * MS_PER_HOUR)
    if hours_later:
        trade.step("supplier1", trade.verdict())
    tried = try_out(c, "core", trade.promise(certificate))
    assert tried.reference == "supply_chain/verdict_missing"
    trade.step("core", trade.verdict())
    assert try_out(c, "core", trade.promise(certificate)).reference == SUCCEEDED


def test_a_claim_without_facts_of_every_flow_is_not_issued():
    c = Consortium()
    trade = Trade(c)
    for kind in ("invoice", "contract"):
        trade.step("supplier1", RegisterDocument(trade.root(kind), kind, 1))
    invoice = RegisterInvoice(trade.root("invoice"), c["core"].party, "CNY", GROSS_MINOR, 0)
    trade.step("supplier1", invoice)
    certificate = trade.propose()
    tried = try_out(c, "core", trade.promise(certificate))
    assert tried.reference == "supply_chain/not_corroborated"
    c.close()


def test_an_invoice_is_certified_once_whoever_proposed_what(trade):
    c = trade.consortium
    first, second = trade.propose(FACE_MINOR), trade.propose(200_000_00)
    third = trade.propose(GROSS_MINOR - FACE_MINOR)
    trade.issue(first)
    assert try_out(c, "core", trade.promise(second)).reference == "supply_chain/occupied"
    assert try_out(c, "core", trade.promise(third)).reference == SUCCEEDED


def test_declining_frees_invoice_line_and_obligation(trade):
    c = trade.consortium
    certificate = trade.propose()
    trade.issue(certificate)
    store = c.engine.application.store
    with store.snapshot() as snapshot:
        assert INVOICES.require(snapshot, trade.root("invoice")).occupied_minor == FACE_MINOR
        assert LINES.require(snapshot, c["core"].party).used_minor == FACE_MINOR
    assert obligation_of(c, certificate).status == ObligationStatus.PROPOSED
    trade.step("supplier1", DeclineCertificate(certificate))
    with store.snapshot() as snapshot:
        assert INVOICES.require(snapshot, trade.root("invoice")).occupied_minor == 0
        assert LINES.require(snapshot, c["core"].party).used_minor == 0
    assert obligation_of(c, certificate).status == ObligationStatus.CANCELLED
    assert obligation_of(c, certificate).open_minor == 0


def test_only_the_supplier_accepts_or_declines_and_only_the_proposer_withdraws(trade):
    c = trade.consortium
    certificate = trade.propose()
    assert (
        try_out(c, "supplier1", WithdrawCertificate(certificate)).reference
        == "supply_chain/parties_invalid"
    )
    trade.issue(certificate)
    for message in (AcceptCertificate(certificate, True), DeclineCertificate(certificate)):
        assert try_out(c, "core", message).reference == "supply_chain/not_supplier"
    unfree = AcceptCertificate(certificate, free_choice=False)
    assert try_out(c, "supplier1", unfree).reference == "supply_chain/wrong_state"


def test_an_offer_lapses_by_itself_after_its_window(trade):
    c = trade.consortium
    certificate = trade.propose()
    trade.issue(certificate)
    ends_at_ms = certificate_of(c, certificate).window_ends_at_ms
    c.advance_to(ends_at_ms - 1)  # the next millisecond is the window's last
    assert certificate_of(c, certificate).life == Life.OFFERED
    c.advance_to(ends_at_ms + 1)
    assert certificate_of(c, certificate).life == Life.VOID
    assert obligation_of(c, certificate).status == ObligationStatus.CANCELLED


def context_at(trade: Trade, name: str, time_ms: int) -> Context:
    """Return a context as if the schedule had not run."""
    organisation = trade.consortium[name]
    with trade.consortium.engine.application.store.snapshot() as snapshot:
        state = TableView(dict(snapshot.scan(b"", b"\xff" * 64)))
    keys = tuple(
        key_id_of(organisation.keys[role].suite, organisation.keys[role].public_key)
        for role in ("finance-1", "finance-2")
    )
    return Context(
        state=Overlay(state),
        chain_id=trade.consortium.chain_id,
        height=9,
        time_ms=time_ms,
        acting_for=organisation.party,
        payer=organisation.party,
        signers=keys,
        idempotency_key=bytes(16),
        call_index=0,
        work_left=10,
        ports=Ports(),
    )


def test_no_guard_trusts_that_the_schedule_has_run(trade):
    certificate = trade.propose()
    ends_at_ms = certificate_of(trade.consortium, certificate).window_ends_at_ms
    with pytest.raises(WindowClosed):
        issue_certificate(context_at(trade, "core", ends_at_ms + 1), trade.promise(certificate))
    trade.issue(certificate)
    ends_at_ms = certificate_of(trade.consortium, certificate).window_ends_at_ms
    with pytest.raises(WindowClosed):
        accept_certificate(
            context_at(trade, "supplier1", ends_at_ms + 1), AcceptCertificate(certificate, True)
        )


def test_an_overdue_obligor_may_neither_propose_nor_issue(trade):
    c = trade.consortium
    trade.certify(500_000_00)
    other = Trade(c, "other", due_day=trade.due_day + 30)
    other.register()
    trade.drain()
    trade.to_due_day(18 * MS_PER_HOUR)
    tried = try_out(c, "core", other.proposal(1_000_00))
    assert tried.reference == "supply_chain/stop_issue"
    trade.credit(500_000_00)
    # Paid, but the clock has not lifted the flag yet.
    assert try_out(c, "core", other.proposal(1_000_00)).reference == "supply_chain/stop_issue"
    c.advance_to(c.now_ms() + 7 * MS_PER_DAY)
    assert try_out(c, "core", other.proposal(1_000_00)).reference == SUCCEEDED


def test_what_is_promised_counts_against_the_line_until_it_is_paid(trade):
    c = trade.consortium
    used: list[int] = []

    def note() -> None:
        with c.engine.application.store.snapshot() as snapshot:
            used.append(LINES.require(snapshot, c["core"].party).used_minor)

    certificate = trade.propose()
    note()
    trade.issue(certificate)
    note()
    trade.accept(certificate)
    note()
    trade.to_due_day(days_later=0)
    note()
    assert used == [0, FACE_MINOR, FACE_MINOR, 0]


def test_acceptance_after_the_due_day_is_too_late(trade):
    c = trade.consortium
    near = Trade(c, "near", due_day=china_day(c.now_ms()) + 2)
    near.register()
    certificate = near.propose()
    near.issue(certificate)
    c.advance_to(china_midnight_ms(near.due_day + 1) - MS_PER_HOUR)
    assert try_out(c, "supplier1", AcceptCertificate(certificate, True)).reference == SUCCEEDED
    c.advance_to(china_midnight_ms(near.due_day + 1) + MS_PER_DAY // 4)
    assert (
        try_out(c, "supplier1", AcceptCertificate(certificate, True)).reference
        == "supply_chain/due_date_invalid"
    )
