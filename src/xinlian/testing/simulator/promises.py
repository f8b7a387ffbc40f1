"""What simulated parties send about obligations that they agree on: from proposal to recourse."""

from collections.abc import Callable
from typing import Final

from xinlian.contracts.message import Message
from xinlian.modules.accounts.messages import BookEntry, Transfer
from xinlian.modules.documents.messages import CountersignDocument, RegisterDocument
from xinlian.modules.evidence.messages import RecordFact
from xinlian.modules.obligations.messages import (
    AcceptGuarantee,
    AcceptObligation,
    CancelObligation,
    ConfirmPayment,
    DischargeByReceipt,
    DisputeObligation,
    EndAuthority,
    ForgiveObligation,
    ProposeObligation,
    SettleDispute,
)
from xinlian.primitives.time import MS_PER_DAY, china_day, china_midnight_ms
from xinlian.testing.simulator.promise_rules import NOTHING
from xinlian.testing.simulator.records import AUTHORITY, GUARANTEED, LOCKED, UNSECURED, Promise
from xinlian.testing.simulator.scene import Calls, Scene

SIDES: Final = ("core", "bank", "supplier1", "supplier2")
LATE_ROW: Final = "obligations.late_rate_e9_per_day"
_AMOUNTS_MINOR: Final = (7, 1_000_00, 333_333_33, 600_000_00, 1_600_000_00)
_FACTS: Final = (("despatch", "b"), ("goods_receipt", "a"), ("order", "b"), ("order", "c"))


def promise(scene: Scene) -> Calls:
    """Propose an obligation, or take the next step of one."""
    live = [found for found in scene.model.promises.items() if found[1].stage != "ended"]
    if len(live) < 4 or scene.chance.random() < 0.12:  # noqa: PLR2004 - a few at a time
        return _propose(scene)
    unsettled = [one for one in live if one[1].awaiting_minor or one[1].disputed_minor]
    is_pressing = unsettled and scene.chance.random() < 0.5  # noqa: PLR2004 - half the time
    promise_id, found = scene.chance.choice(unsettled if is_pressing else live)
    if found.stage == "proposed":
        return _consent(scene, promise_id, found)
    return _next_step(scene, found)(scene, promise_id, found)


def _next_step(scene: Scene, found: Promise) -> "Step":
    """Return what fits where a promise stands, or now and then anything."""
    chance = scene.chance
    if found.awaiting_minor and chance.random() < 0.7:  # noqa: PLR2004 - what banks mostly do
        return chance.choice((_confirm, _entry, _entry))
    if found.disputed_minor and chance.random() < 0.5:  # noqa: PLR2004 - disputes end
        return _settle
    if found.condition is not None and chance.random() < 0.5:  # noqa: PLR2004 - facts come
        return _fact
    return chance.choices(tuple(_STEPS), tuple(_STEPS.values()))[0]


def _account(scene: Scene, name: str) -> bytes:
    return scene.world.accounts.get(name, b"")


def _propose(scene: Scene) -> Calls:
    chance, model = scene.chance, scene.model
    scene.number += 1
    debtor, creditor, *others = chance.sample(SIDES, len(SIDES))
    security = chance.choice((UNSECURED, AUTHORITY, AUTHORITY, LOCKED, GUARANTEED, GUARANTEED))
    guarantors = others[: chance.randint(1, 2)] if security == GUARANTEED else []
    proposer = chance.choice((debtor, debtor, creditor))
    amount_minor = chance.choice(_AMOUNTS_MINOR)
    due_day = china_day(model.time_ms) + chance.choice((0, 1, 1, 2, 3, 5, 12))
    kind, grade = chance.choice(_FACTS) if chance.random() < 0.2 else (NOTHING, NOTHING)  # noqa: PLR2004 - some
    account = b"" if security == UNSECURED and proposer == debtor else _account(scene, proposer)
    has_authority = proposer == debtor and security in (AUTHORITY, GUARANTEED)
    message = ProposeObligation(
        debtor=scene.party(debtor),
        creditor=scene.party(creditor),
        asset=model.beginning.deposit,
        amount_minor=amount_minor,
        due_day=due_day,
        grace_days=chance.choice((0, 0, 0, 2)),
        late_row=chance.choice((LATE_ROW, LATE_ROW, NOTHING)),
        source_root=scene.root("agreement"),
        part_performance=chance.randrange(2) == 0,
        condition_kind=kind,
        condition_grade=grade,
        condition_subject=b"",
        security=security,
        guarantors=tuple(scene.party(name) for name in guarantors),
        account=account,
        authority_cap_minor=amount_minor * chance.choice((1, 2)) if has_authority else 0,
        authority_until_ms=_until_ms(scene, due_day) if has_authority else 0,
    )
    return [(proposer, message)]


def _until_ms(scene: Scene, due_day: int) -> int:
    return china_midnight_ms(due_day) + scene.chance.choice((0, 1, 1, 2, 30, 90)) * MS_PER_DAY


def _consent(scene: Scene, promise_id: bytes, found: Promise) -> Calls:
    """Somebody whose word is missing gives it, or ends the proposal."""
    chance = scene.chance
    if chance.random() < 0.06:  # noqa: PLR2004 - second thoughts
        name = scene.name(chance.choice((found.debtor, found.creditor)))
        return [(name, CancelObligation(promise_id, found.open_minor))]
    missing = [p for p, guarantor in found.guarantors.items() if not guarantor.liability_minor]
    if not found.is_accepted:
        missing.append(found.creditor if found.proposer == found.debtor else found.debtor)
    if chance.random() < 0.3:  # noqa: PLR2004 - not everybody at once
        missing = [chance.choice(missing or [found.debtor])]
    return [_word_of(scene, party, promise_id, found) for party in missing]


def _word_of(scene: Scene, party: bytes, promise_id: bytes, found: Promise) -> tuple[str, Message]:
    """Return the consent of a side or a guarantor."""
    chance, name = scene.chance, scene.name(party)
    until_ms = _until_ms(scene, found.due_day)
    if party in found.guarantors:
        part_minor = chance.choice((found.amount_minor, max(found.amount_minor // 2, 1)))
        account = _account(scene, name)
        return name, AcceptGuarantee(promise_id, part_minor, account, until_ms)
    is_debtor = party == found.debtor
    is_bare = found.security == UNSECURED and is_debtor
    has_authority = is_debtor and found.security in (AUTHORITY, GUARANTEED)
    is_paid_at_bank = not is_debtor and chance.random() < 0.3  # noqa: PLR2004 - some
    return name, AcceptObligation(
        promise_id,
        found.amount_minor,
        b"" if is_bare or is_paid_at_bank else _account(scene, name),
        found.amount_minor * chance.choice((1, 2)) if has_authority else 0,
        until_ms if has_authority else 0,
    )


def _part_minor(scene: Scene, whole_minor: int) -> int:
    return max(scene.chance.choice((whole_minor, whole_minor // 2, 1, whole_minor + 1)), 1)


def _dispute(scene: Scene, promise_id: bytes, found: Promise) -> Calls:
    amount_minor = _part_minor(scene, found.payable_minor)
    message = DisputeObligation(promise_id, amount_minor, scene.root("complaint"))
    return [(scene.name(found.debtor), message)]


def _settle(scene: Scene, promise_id: bytes, found: Promise) -> Calls:
    if not found.disputed_minor:
        return _dispute(scene, promise_id, found)
    name = scene.name(scene.chance.choice((found.debtor, found.creditor)))
    return [(name, SettleDispute(promise_id, _part_minor(scene, found.disputed_minor)))]


def _forgive(scene: Scene, promise_id: bytes, found: Promise) -> Calls:
    amount_minor = _part_minor(scene, found.open_minor)
    return [(scene.name(found.creditor), ForgiveObligation(promise_id, amount_minor))]


def _cancel(scene: Scene, promise_id: bytes, found: Promise) -> Calls:
    first = scene.chance.choice((found.debtor, found.creditor))
    sides = {found.debtor, found.creditor} - {found.cancel_asked_by}
    party = first if first in sides else min(sides)
    return [(scene.name(party), CancelObligation(promise_id, found.open_minor))]


def _end_authority(scene: Scene, promise_id: bytes, found: Promise) -> Calls:
    return [(scene.name(found.creditor), EndAuthority(promise_id))]


def _receipt(scene: Scene, promise_id: bytes, found: Promise) -> Calls:
    amount_minor = _part_minor(scene, found.open_minor)
    message = DischargeByReceipt(promise_id, amount_minor, scene.root("receipt"))
    return [(scene.name(found.creditor), message)]


def _fact(scene: Scene, promise_id: bytes, found: Promise) -> Calls:
    """Record what a promise waits for, well enough or not."""
    if found.condition is None:
        return _entry(scene, promise_id, found)
    scene.number += 1
    kind, _, subject = found.condition
    root = scene.root(kind)
    debtor, creditor = scene.name(found.debtor), scene.name(found.creditor)
    first, second = scene.chance.sample((debtor, creditor), 2)
    calls: Calls = [(first, RegisterDocument(root, kind, 1))]
    if scene.chance.random() < 0.6:  # noqa: PLR2004 - signed by both
        calls.append((second, CountersignDocument(root)))
    return [*calls, (first, RecordFact(subject, root, kind))]


def _confirm(scene: Scene, promise_id: bytes, found: Promise) -> Calls:
    if not found.awaiting_minor:
        return _entry(scene, promise_id, found)
    return [("settle", ConfirmPayment(promise_id, found.awaiting_minor))]


def _entry(scene: Scene, promise_id: bytes, found: Promise) -> Calls:
    """A bank shows money that names the promise: the order it was given, or money from outside."""
    chance = scene.chance
    scene.number += 1
    is_credit = not found.awaiting_minor and chance.randrange(2) == 0
    owner = scene.name(found.creditor if is_credit else found.debtor)
    commitments = scene.world.bank_accounts
    amount_minor = found.awaiting_minor or _part_minor(scene, found.open_minor)
    entry = BookEntry(
        scene.root("named entry"),
        commitments.get(owner, commitments["core"]),
        max(amount_minor - chance.choice((0, 0, 0, 0, 1)), 1),
        is_credit,
        china_day(scene.model.time_ms) - chance.choice((0, 0, 1, 3, -1)),
        china_day(scene.model.time_ms) - chance.choice((0, 0, 0, 1)),
        promise_id,
        scene.root("camt"),
    )
    return [("settle", entry)]


def _fund(scene: Scene, promise_id: bytes, found: Promise) -> Calls:
    """Money comes to the debtor from outside, or it pays all that it has to somebody else."""
    del promise_id
    scene.number += 1
    owner = scene.name(found.debtor)
    account = _account(scene, owner)
    if account and scene.chance.random() < 0.4:  # noqa: PLR2004 - so that something is late
        other = "bank" if owner != "bank" else "core"
        free_minor = max(scene.model.free_minor(account), 1)
        return [(owner, Transfer(account, scene.world.accounts[other], free_minor))]
    entry = BookEntry(
        scene.root("credit"),
        scene.world.bank_accounts.get(owner, scene.world.bank_accounts["core"]),
        scene.chance.choice(_AMOUNTS_MINOR),
        is_credit=True,
        value_day=china_day(scene.model.time_ms),
        booking_day=china_day(scene.model.time_ms) - scene.chance.choice((0, 0, 0, 1)),
        end_to_end_id=b"",
        document_root=scene.root("camt"),
    )
    return [("settle", entry)]


Step = Callable[[Scene, bytes, Promise], Calls]
_STEPS: Final[dict[Step, int]] = {
    _dispute: 6,
    _settle: 8,
    _forgive: 6,
    _cancel: 4,
    _end_authority: 5,
    _receipt: 8,
    _entry: 10,
    _fund: 14,
}
