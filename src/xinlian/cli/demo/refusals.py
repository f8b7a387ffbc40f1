"""Step 4: nothing is certified or financed twice; a copy is caught where it can be."""

from pathlib import Path

from xinlian.apps.supply_chain.messages import (
    IssueCertificate,
    ProposeCertificate,
    RegisterInvoice,
    RequestFinance,
    WithdrawCertificate,
)
from xinlian.cli.demo.case import CaseCertificate, CaseTrade, load_case
from xinlian.cli.demo.certificate import TWO_KEYS, Financed
from xinlian.cli.demo.narrator import DemoFailed, Narrator
from xinlian.cli.demo.papers import (
    Papers,
    check_corroborated,
    give_verdict,
    keep_documents,
    record_facts,
)
from xinlian.cli.demo.world import World
from xinlian.client.session import Refused
from xinlian.contracts.message import Message
from xinlian.modules.documents.messages import RegisterDocument
from xinlian.modules.evidence.types import VerdictOutcome
from xinlian.primitives.time import MS_PER_DAY, china_midnight_ms

OCCUPIED = "supply_chain/occupied"
VERDICT_MISSING = "supply_chain/verdict_missing"


def expect_refusal(
    world: World,
    narrator: Narrator,
    name: str,
    message: Message,
    reference: str,
    texts: tuple[str, str],
) -> None:
    """Send a message that must be refused by the ledger with this reference.

    Raises:
        DemoFailed: it took effect, or was refused for another reason.
    """
    try:
        world.sessions[name].submit(message, roles=TWO_KEYS)
    except Refused as refused:
        narrator.count(TWO_KEYS)
        narrator.refused(name, refused.reference, refused.height, *texts)
        narrator.check(
            f"{texts[1]} refused",
            holds=refused.reference == reference,
            chinese=f"拒绝代码为 {reference}",
            english=f"the refusal is {reference}",
        )
        return
    raise DemoFailed(f"{texts[1]}: it was not refused / 未被拒绝")


def refuse_second_use(
    world: World,
    narrator: Narrator,
    papers: Papers,
    terms: CaseCertificate,
    financed: Financed,
) -> None:
    """A second certificate beyond the invoice's free amount, and a second lock on a leaf."""
    draft = _propose(world, papers, terms.face_minor // 5, terms.due_day)
    expect_refusal(
        world,
        narrator,
        "core",
        _promise(world, papers, draft, terms),
        OCCUPIED,
        ("在同一发票上再开凭证", "a second certificate on the same invoice"),
    )
    world.sessions["core"].submit(WithdrawCertificate(draft), roles=TWO_KEYS)
    again = RequestFinance(
        financed.bank_leaf,
        world.party("settle"),
        world.now_ms() + MS_PER_DAY,
    )
    expect_refusal(
        world,
        narrator,
        "supplier1",
        again,
        OCCUPIED,
        ("已融资的份额再次申请融资", "a second lock on the financed leaf"),
    )


def catch_copy(
    world: World,
    narrator: Narrator,
    folder: Path,
    papers: Papers,
    terms: CaseCertificate,
) -> None:
    """The same invoice, typed again and registered under a new root."""
    case = load_case(folder)
    copied = next(d for d in case.trade.documents if d.kind == "invoice")
    only = CaseTrade(case.trade.buyer, case.trade.seller, "finance", (copied,), ("core", "bank"))
    copy = keep_documents(world, folder, only)
    trial = Papers(papers.trade, {**papers.by_kind, "invoice": copy.by_kind["invoice"]})
    _register_copy(world, narrator, trial)
    found = world.trade("bank").copies_of(trial.invoice_root)
    narrator.check(
        "copy found by the same bank",
        holds=[copy_found.code for copy_found in found] == ["copy.exact"],
        chinese="融资银行从自己的档案中认出同一发票",
        english="the financing bank's own store knows the invoice: copy.exact",
    )
    report = give_verdict(world, narrator, "core", trial, terms.due_day)
    narrator.check(
        "copy found by the obligor",
        holds=report.outcome == VerdictOutcome.BLOCK and report.codes[0] == "copy.exact",
        chinese="核心企业的核验阻断该副本",
        english="the obligor's verifier blocks the copy",
    )
    draft = _propose(world, trial, terms.face_minor // 5, terms.due_day)
    expect_refusal(
        world,
        narrator,
        "core",
        _promise(world, papers, draft, terms),
        VERDICT_MISSING,
        ("在副本上开立凭证", "a certificate on the copy"),
    )
    narrator.say(
        "互不相知的两家银行之间的查重(盲检)属后续版本,本演示不含",
        "finding copies between banks that know nothing of each other is not in this version",
    )


def _register_copy(world: World, narrator: Narrator, trial: Papers) -> None:
    stored = trial.by_kind["invoice"]
    invoice = trial.invoice
    submitted = world.sessions["supplier1"].submit(
        RegisterDocument(stored.root, stored.schema, stored.version),
        RegisterInvoice(
            stored.root,
            world.party("core"),
            invoice.currency,
            invoice.gross_minor,
            invoice.prepaid_minor,
        ),
        roles=("operations",),
    )
    narrator.act(
        "supplier1",
        ("operations",),
        submitted,
        "将同一发票另行录入,以新的文档根登记",
        "registers a re-typed copy of the invoice under a new root",
    )
    if invoice.prepaid_minor:
        narrator.say(
            "副本的已付金额是卖方登记时再次申报的预付款,并未另行付款",
            "what the copy shows as paid is the prepayment, declared once more by its seller: "
            "nothing was paid twice",
        )
    record_facts(world, narrator, trial)
    check_corroborated(world, narrator, trial)


def _propose(world: World, papers: Papers, face_minor: int, due_day: int) -> bytes:
    proposal = ProposeCertificate(
        papers.invoice_root,
        papers.contract_root,
        world.deposit,
        face_minor,
        due_day,
    )
    return world.sessions["core"].submit(proposal, roles=TWO_KEYS).created_id("cert")


def _promise(
    world: World,
    papers: Papers,
    certificate: bytes,
    terms: CaseCertificate,
) -> IssueCertificate:
    return IssueCertificate(
        certificate,
        papers.contract_root,
        world.account("core"),
        terms.face_minor,
        china_midnight_ms(terms.due_day + 30),
    )
