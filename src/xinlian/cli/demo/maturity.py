"""Step 5: at maturity the certificate is paid by itself; with an empty account it is not.

The bank's leaf is paid on the ledger, because its payee has a mirrored account; for the second
supplier's leaf a payment order goes out, and the settlement bank's booking discharges it.
"""

from pathlib import Path

from xinlian.apps.supply_chain.messages import ProposeCertificate
from xinlian.cli.demo.bank_report import Booking, write_report
from xinlian.cli.demo.case import FullCase
from xinlian.cli.demo.certificate import TWO_KEYS, Financed, accept, issue
from xinlian.cli.demo.narrator import Narrator
from xinlian.cli.demo.papers import (
    check_corroborated,
    give_verdict,
    keep_documents,
    money,
    open_claim,
    register_documents,
)
from xinlian.cli.demo.refusals import expect_refusal
from xinlian.cli.demo.world import World
from xinlian.client.bank import book_entries, end_to_end_id_of
from xinlian.client.files import write_private
from xinlian.connectors import PaymentInstruction, read_document, write_payment_order
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.evidence.statements import BankEntryStatement
from xinlian.modules.obligations.performance import late_interest_minor
from xinlian.primitives import format_id
from xinlian.primitives.ids import parse_id
from xinlian.primitives.time import MS_PER_HOUR, china_day, china_midnight_ms

MORNING_MS = 10 * MS_PER_HOUR
EVENING_MS = 18 * MS_PER_HOUR
STOP_ISSUE = "supply_chain/stop_issue"
LATE_DAYS = 10
LATE_RATE_E9_PER_DAY = 500_000


def pay_at_maturity(
    world: World,
    narrator: Narrator,
    case: FullCase,
    financed: Financed,
    folder: Path,
) -> None:
    """SC-T11, SC-T12: the due day opens and everything is paid without a signature."""
    before_minor = world.balance_minor("bank")
    core_minor = world.balance_minor("core")
    world.advance_to(china_midnight_ms(case.certificate.due_day) + MORNING_MS)
    narrator.say(f"到期日 {case.certificate.due_date} 开市", "the due banking day has opened")
    bank_leaf = world.item("core", f"/v1/leaves/{format_id('leaf', financed.bank_leaf)}")
    arrived_minor = world.balance_minor("bank") - before_minor
    narrator.check(
        "bank leaf paid by itself",
        holds=bank_leaf["life"] == "discharged" and arrived_minor == case.finance.advance_minor,
        chinese=f"银行的份额由常设授权自动付清 {money(arrived_minor)},无人签名",
        english="the bank's leaf was paid from the standing authority, nobody signed",
    )
    order = _open_order(world, narrator, case)
    instruction_file = _write_instruction(world, narrator, case, order, folder)
    _execute(world, narrator, case, order, folder)
    certificate = world.item(
        "core",
        f"/v1/certificates/{format_id('cert', financed.certificate)}",
    )
    paid_minor = core_minor - world.balance_minor("core")
    narrator.check(
        "certificate discharged to the fen",
        holds=certificate["life"] == "discharged"
        and int(certificate["outstanding_minor"]) == 0
        and paid_minor == case.certificate.face_minor
        and int(certificate["discharged_minor"]) == case.certificate.face_minor
        and instruction_file.exists(),
        chinese=f"凭证已付清,核心企业共付 {money(paid_minor)},分毫不差",
        english="the certificate is discharged; the obligor paid its face to the fen",
    )


def default_and_cure(world: World, narrator: Narrator, case: FullCase) -> None:
    """A second ledger whose obligor has no money: default, then a late credit."""
    terms = case.certificate
    papers = keep_documents(world, case.folder, case.case.trade)
    register_documents(world, narrator, papers)
    open_claim(world, narrator, papers)
    check_corroborated(world, narrator, papers)
    for name in ("core", "supplier1"):
        give_verdict(world, narrator, name, papers, terms.due_day)
    certificate = issue(world, narrator, papers, terms)
    accept(world, narrator, certificate)
    path = f"/v1/certificates/{format_id('cert', certificate)}"
    world.advance_to(china_midnight_ms(terms.due_day) + MORNING_MS)
    narrator.check(
        "due and unpaid before the cut-off",
        holds=world.item("core", path)["life"] == "due",
        chinese="到期日账户无款,截止前仍为待付",
        english="the account is empty: due, not yet in default",
    )
    world.advance_to(china_midnight_ms(terms.due_day) + EVENING_MS)
    narrator.check(
        "default at the cut-off",
        holds=world.item("core", path)["life"] == "overdue",
        chinese="过截止时间,账本自行记为逾期",
        english="after the cut-off it is overdue, by itself",
    )
    refused = ProposeCertificate(
        papers.invoice_root,
        papers.contract_root,
        world.deposit,
        terms.face_minor // 10,
        terms.due_day + 30,
    )
    texts = ("逾期后再开凭证", "a new certificate of an obligor in default")
    expect_refusal(world, narrator, "core", refused, STOP_ISSUE, texts)
    _credit_late(world, narrator, case, path)


def _open_order(world: World, narrator: Narrator, case: FullCase) -> dict[str, str]:
    orders = [row for row in world.rows("core", "/v1/payment-orders") if row["status"] == "open"]
    narrator.check(
        "payment order for the unmirrored payee",
        holds=[int(row["amount_minor"]) for row in orders] == [case.transfer.amount_minor],
        chinese=f"二级供应商无镜像账户:生成付款指令 {money(case.transfer.amount_minor)}",
        english="supplier2 has no mirrored account: a payment order went out by itself",
    )
    return orders[0]


def _write_instruction(
    world: World,
    narrator: Narrator,
    case: FullCase,
    order: dict[str, str],
    folder: Path,
) -> Path:
    core, payee = world.cast["core"], world.cast["supplier2"]
    settle = world.cast["settle"]
    order_bytes = parse_id("order", order["order_id"])
    now_ms = world.now_ms()
    content = write_payment_order(
        PaymentInstruction(
            message_id=end_to_end_id_of(order_bytes),
            created_at_ms=now_ms,
            requested_day=china_day(now_ms),
            debtor_name=core.name,
            debtor_account=core.account_number,
            debtor_bank_name=settle.name,
            creditor_name=payee.name,
            creditor_account=payee.account_number,
            creditor_bank_name=settle.name,
            end_to_end_id=end_to_end_id_of(order_bytes),
            amount_minor=case.transfer.amount_minor,
            currency="CNY",
            remittance_text=order["certificate_id"],
        ),
    )
    path = folder / "payment-order.pain.001.xml"
    write_private(path, content)
    narrator.say(f"付款指令 pain.001 已写出:{path}", "the payment order is written as pain.001")
    return path


def _execute(
    world: World,
    narrator: Narrator,
    case: FullCase,
    order: dict[str, str],
    folder: Path,
) -> None:
    booking = Booking(
        reference="SETTLE-DEBIT-0001",
        bank=world.cast["settle"].name,
        owner=world.cast["core"].name,
        account=world.cast["core"].account_number,
        amount_minor=case.transfer.amount_minor,
        is_credit=False,
        day=case.certificate.due_day,
        created_at_ms=world.now_ms(),
        end_to_end_id=end_to_end_id_of(parse_id("order", order["order_id"])),
    )
    orders = [parse_id("order", order["order_id"])]
    book(world, narrator, booking, orders, folder)
    world.settle()
    leaf = world.item("supplier2", f"/v1/leaves/{order['leaf_id']}")
    narrator.check(
        "bank entry discharges the leaf",
        holds=leaf["life"] == "discharged",
        chinese="清算银行的 camt.054 清偿了二级供应商的份额",
        english="the settlement bank's camt.054 discharged supplier2's leaf",
    )


def book(
    world: World,
    narrator: Narrator,
    booking: Booking,
    orders: list[bytes],
    folder: Path,
) -> None:
    """Write a report as the settlement bank, read it back, and enter its entry."""
    source = write_report(booking)
    write_private(folder / f"{booking.reference}.camt.054.xml", source)
    statement = read_document(source)
    if not isinstance(statement, BankEntryStatement):
        raise TypeError("the bank's report is no bank report")
    document = world.stores["settle"].add(statement, source)
    entries = book_entries(world.party("settle"), statement, document.root, orders)
    session = world.sessions["settle"]
    registered = session.submit(
        RegisterDocument(document.root, document.schema, document.version),
        roles=("operations",),
    )
    narrator.act(
        "settle", ("operations",), registered, "登记回单 camt.054", "commits to its report"
    )
    booked = session.submit(*entries, roles=TWO_KEYS)
    side = "贷记" if booking.is_credit else "借记"
    text = f"入账{side} {money(booking.amount_minor)}"
    narrator.act("settle", TWO_KEYS, booked, text, "enters the booked entry")


def _credit_late(world: World, narrator: Narrator, case: FullCase, path: str) -> None:
    terms = case.certificate
    paid_day = terms.due_day + LATE_DAYS
    world.advance_to(china_midnight_ms(paid_day) + MORNING_MS)
    credit_minor = terms.face_minor + terms.face_minor // 100
    booking = Booking(
        reference="SETTLE-CREDIT-0002",
        bank=world.cast["settle"].name,
        owner=world.cast["core"].name,
        account=world.cast["core"].account_number,
        amount_minor=credit_minor,
        is_credit=True,
        day=paid_day,
        created_at_ms=world.now_ms(),
    )
    book(world, narrator, booking, [], world.genesis_file.parent)
    world.settle()
    interest_minor = late_interest_minor(terms.face_minor, LATE_RATE_E9_PER_DAY, LATE_DAYS)
    left_minor = credit_minor - terms.face_minor - interest_minor
    narrator.check(
        "late credit pays principal and interest",
        holds=world.item("core", path)["life"] == "discharged"
        and world.balance_minor("supplier1") == terms.face_minor + interest_minor
        and world.balance_minor("core") == left_minor,
        chinese=f"迟到的入账付清本金和 {LATE_DAYS} 天逾期利息 {money(interest_minor)}",
        english=f"the late credit pays principal and {money(interest_minor)} of late interest",
    )
