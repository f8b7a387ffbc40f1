"""Step 3: the certificate is issued, accepted, split to pay a debt, and financed."""

import dataclasses
import hashlib

from xinlian.apps.supply_chain.messages import (
    AcceptCertificate,
    AcceptTransfer,
    Disburse,
    IssueCertificate,
    OfferTransfer,
    ProposeCertificate,
    RequestFinance,
)
from xinlian.cli.demo.case import CaseCertificate, FullCase
from xinlian.cli.demo.narrator import Narrator
from xinlian.cli.demo.papers import Papers, check_passed, give_verdict, money
from xinlian.cli.demo.world import World
from xinlian.client.session import Submitted
from xinlian.client.trade import keep_promise
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_day, china_midnight_ms

ONE_KEY = ("finance-1",)
TWO_KEYS = ("finance-1", "finance-2")
AUTHORITY_DAYS = 180
"""How long after the due day the standing authority lasts, for late payment."""


@dataclasses.dataclass(frozen=True, slots=True)
class Financed:
    """The certificate after step 3."""

    certificate: bytes
    whole_leaf: bytes
    supplier_leaf: bytes
    bank_leaf: bytes
    accepted: Submitted
    split: Submitted
    disbursed: Submitted


def issue(
    world: World,
    narrator: Narrator,
    papers: Papers,
    terms: CaseCertificate,
) -> bytes:
    """SC-T1, SC-T2: propose and promise, with a standing authority of a tenth above the face."""
    session = world.sessions["core"]
    due_day = terms.due_day
    proposal = ProposeCertificate(
        papers.invoice_root,
        papers.contract_root,
        world.deposit,
        terms.face_minor,
        due_day,
    )
    proposed = session.submit(proposal, roles=TWO_KEYS)
    certificate = proposed.created_id("cert")
    narrator.act("core", TWO_KEYS, proposed, f"提议凭证 {money(terms.face_minor)}", "proposes")
    today = china_day(session.now_ms())
    store = world.stores["core"]
    promise = keep_promise(store, papers.invoice, terms.face_minor, due_day, today)
    promised = session.submit(
        RegisterDocument(promise.root, promise.schema, promise.version),
        roles=("operations",),
    )
    narrator.act("core", ("operations",), promised, "登记付款承诺函", "commits to its promise")
    issued = session.submit(
        IssueCertificate(
            certificate,
            promise.root,
            world.account("core"),
            terms.face_minor + terms.face_minor // 10,
            china_midnight_ms(due_day + AUTHORITY_DAYS),
        ),
        roles=TWO_KEYS,
    )
    narrator.act(
        "core",
        TWO_KEYS,
        issued,
        "开立凭证并授权到期自动付款(两人签名)",
        "issues it with a standing authority over its account",
    )
    return certificate


def accept(world: World, narrator: Narrator, certificate: bytes) -> tuple[bytes, Submitted]:
    """SC-T3: the supplier accepts of its free choice; return the first leaf."""
    session = world.sessions["supplier1"]
    accepted = session.submit(AcceptCertificate(certificate, free_choice=True), roles=ONE_KEY)
    narrator.act("supplier1", ONE_KEY, accepted, "自愿接受凭证", "accepts of its free choice")
    return accepted.created_id("leaf"), accepted


def split_and_finance(
    world: World,
    narrator: Narrator,
    case: FullCase,
    papers: Papers,
    debt: Papers,
    certificate: bytes,
) -> Financed:
    """SC-T3 to SC-T7: accept, pay a part of the own debt, finance the rest."""
    whole, accepted = accept(world, narrator, certificate)
    split = _pay_debt(world, narrator, case, debt, whole)
    supplier_leaf, rest = split.created_id("leaf", 0, 0), split.created_id("leaf", 0, 1)
    disbursed = _finance(world, narrator, case, papers, rest)
    world.settle()
    paid_out_minor = case.finance.advance_minor - case.finance.discount_minor
    narrator.check(
        "advance arrived",
        holds=world.balance_minor("supplier1") == paid_out_minor,
        chinese=f"一级供应商收到 {money(paid_out_minor)}",
        english=f"supplier1 holds {money(paid_out_minor)} of deposit money",
    )
    leaves = {row["leaf_id"]: row for row in world.rows("core", "/v1/leaves")}
    live_minor = sum(int(row["outstanding_minor"]) for row in leaves.values() if _lives(row))
    narrator.check(
        "leaves add up",
        holds=live_minor == case.certificate.face_minor,
        chinese=f"各份额合计等于凭证金额 {money(live_minor)}",
        english="the live leaves add up to the face",
    )
    return Financed(certificate, whole, supplier_leaf, rest, accepted, split, disbursed)


def _pay_debt(
    world: World,
    narrator: Narrator,
    case: FullCase,
    debt: Papers,
    whole: bytes,
) -> Submitted:
    for name in debt.trade.verifiers:
        check_passed(narrator, name, give_verdict(world, narrator, name, debt))
    amount_minor = case.transfer.amount_minor
    session = world.sessions["supplier1"]
    offered = session.submit(
        OfferTransfer(
            whole,
            world.party("supplier2"),
            amount_minor,
            debt.invoice_root,
            session.now_ms() + MS_PER_DAY,
        ),
        roles=ONE_KEY,
    )
    narrator.act(
        "supplier1",
        ONE_KEY,
        offered,
        f"拆分 {money(amount_minor)} 偿付二级供应商",
        "offers a part of its leaf for its own debt",
    )
    accepted = world.sessions["supplier2"].submit(
        AcceptTransfer(offered.created_id("offer")),
        roles=ONE_KEY,
    )
    narrator.act("supplier2", ONE_KEY, accepted, "接受转让", "accepts; the leaf is split")
    return accepted


def _finance(
    world: World,
    narrator: Narrator,
    case: FullCase,
    papers: Papers,
    leaf: bytes,
) -> Submitted:
    holder, bank = world.sessions["supplier1"], world.sessions["bank"]
    request = RequestFinance(leaf, world.party("bank"), holder.now_ms() + 4 * MS_PER_HOUR)
    requested = holder.submit(request, roles=ONE_KEY)
    narrator.act("supplier1", ONE_KEY, requested, "申请融资,份额锁定", "asks; the leaf is locked")
    world.settle()
    report = give_verdict(world, narrator, "bank", papers, case.certificate.due_day)
    check_passed(narrator, "bank", report)
    register_entry = f"demo register entry of leaf {leaf.hex()}".encode("ascii")
    disbursed = bank.submit(
        Disburse(
            leaf,
            case.finance.advance_minor,
            case.finance.discount_minor,
            hashlib.sha256(register_entry).digest(),
            world.account("bank"),
            world.account("supplier1"),
        ),
        roles=TWO_KEYS,
    )
    narrator.act(
        "bank",
        TWO_KEYS,
        disbursed,
        f"受让份额并放款 {money(case.finance.advance_minor)},"
        f"贴息 {money(case.finance.discount_minor)}",
        "takes the leaf and pays, in one linked transfer",
    )
    return disbursed


def _lives(leaf: dict[str, object]) -> bool:
    return leaf["life"] in ("active", "due", "overdue")
