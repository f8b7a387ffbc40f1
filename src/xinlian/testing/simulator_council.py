"""What simulated members and participants send about rules, votes, keys and sponsors."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from xinlian.contracts.message import Message, type_no
from xinlian.crypto.ed25519 import SUITE_ED25519, SigningKey
from xinlian.modules.accounts.messages import PendTransfer, Transfer
from xinlian.modules.governance.messages import (
    FileIdentityEvidence,
    ProposeCalendarYear,
    ProposeMember,
    ProposePolicy,
    ProposeRecovery,
    ProposeReinstatement,
    ProposeSuspension,
    ProposeUpgrade,
    ProposeUpgradeCancellation,
    VetoRecovery,
    Vote,
)
from xinlian.modules.members.messages import (
    AcceptParticipant,
    AdmitParticipant,
    AskSponsor,
    DeclareGroup,
    RecoverOwnKeys,
    RegisterKey,
    ReinstateParticipant,
    RevokeKey,
    SetMandate,
    SuspendParticipant,
)
from xinlian.modules.members.types import MandateRule, key_id_of, possession_bytes
from xinlian.modules.policy.types import CalendarException
from xinlian.primitives.time import MS_PER_DAY, MS_PER_HOUR, china_day, iso_of_day
from xinlian.testing.consortium import demo_uscc
from xinlian.testing.simulator_records import Proposal
from xinlian.testing.simulator_world import MEMBERS, SPONSORED

if TYPE_CHECKING:
    from xinlian.testing.simulator_messages import Senders

Calls = list[tuple[str, Message]]
FAR_HEIGHT: Final = 1_000_000
"""No simulated chain reaches it: a release that lacks a planned version rightly stops there."""
_POLICY: Final = (
    ("obligations.proposal_days", (1, 14)),
    ("obligations.late_rate_e9_per_day", (100_000, 700_001)),
    ("obligations.order_banking_days", (0, 1, 5)),
    ("banking.cutoff_minute", (16 * 60, 17 * 60)),
    ("accounts.deposit_circulates", (0, 1, 1)),
    ("accounts.pending_days_max", (1, 60)),
    ("governance.voting_days", (7, 40)),
    ("governance.suspend.threshold_twelfths", (8, 12)),
    ("governance.admit.delay_days", (7, 10)),
    ("governance.recovery_hold_hours", (72, 100)),
)
_SPARED: Final = "supplier2"
"""Whose keys come and go: a bank that locked itself out ends every story."""


def new_key(senders: "Senders") -> SigningKey:
    """Return a key that nobody has."""
    senders.number += 1
    return SigningKey(hashlib.sha256(f"simulated key {senders.number}".encode()).digest())


def possession(senders: "Senders", key: SigningKey, party: bytes, role: str) -> bytes:
    """Return the proof that a key asks for its own registration."""
    return key.sign(possession_bytes(senders.model.beginning.chain_id, party, role))


def govern(senders: "Senders") -> Calls:
    """Vote, dispute a recovery, or propose something."""
    running = [
        (proposal_id, proposal)
        for proposal_id, proposal in senders.model.proposals.items()
        if proposal.stage in ("open", "passed")
    ]
    if running and senders.chance.random() < 0.75:  # noqa: PLR2004 - many votes a proposal
        return _decide(senders, *senders.chance.choice(running))
    return senders.chance.choices(tuple(_PROPOSE), tuple(_PROPOSE.values()))[0](senders)


def _decide(senders: "Senders", proposal_id: bytes, proposal: Proposal) -> Calls:
    chance = senders.chance
    if proposal.kind == "recover" and chance.random() < 0.4:  # noqa: PLR2004 - some dispute it
        if proposal.is_vetoed and not proposal.has_evidence:
            evidence = FileIdentityEvidence(proposal_id, senders.root("identity"))
            return [(chance.choice(MEMBERS), evidence)]
        return [(senders.name(proposal.subject), VetoRecovery(proposal_id))]
    silent = [name for name in MEMBERS if senders.party(name) not in proposal.ballots]
    in_favour = chance.random() < 0.92  # noqa: PLR2004 - mostly agreed
    vote = Vote(proposal_id, proposal.round_no, in_favour)
    return [(chance.choice(silent or list(MEMBERS)), vote)]


def _status(senders: "Senders") -> Calls:
    away = [p for p in senders.model.members if p in senders.model.suspended]
    party = senders.chance.choice(away or [senders.party(name) for name in MEMBERS])
    is_suspended = party in senders.model.suspended
    kind = ProposeReinstatement if is_suspended else ProposeSuspension
    return [(senders.chance.choice(MEMBERS), kind(party))]


def _policy(senders: "Senders") -> Calls:
    chance = senders.chance
    row, values = chance.choice(_POLICY)
    days = chance.choice((6, 7, 8, 15, 18))
    from_ms = senders.model.time_ms + days * MS_PER_DAY
    change = ProposePolicy(
        row, chance.choice(values), "event", from_ms, "simulated", verified=False
    )
    return [(chance.choice(MEMBERS), change)]


def _calendar(senders: "Senders") -> Calls:
    """Publish a year, or publish it anew: some coming days are free, a weekend is worked."""
    chance = senders.chance
    today = china_day(senders.model.time_ms)
    year = _year_of(today + chance.choice((0, 0, 31)))
    before = senders.model.calendar.get(year, {})
    coming = {today + days: chance.randrange(3) == 0 for days in chance.sample(range(1, 40), 8)}
    days = {day: is_working for day, is_working in coming.items() if _year_of(day) == year}
    kept = {day: is_working for day, is_working in before.items() if day <= today + 1}
    exceptions = tuple(CalendarException(day, on) for day, on in sorted((kept | days).items()))
    return [(chance.choice(MEMBERS), ProposeCalendarYear(year, exceptions))]


def _year_of(day: int) -> int:
    return int(iso_of_day(day)[:4])


def _member(senders: "Senders") -> Calls:
    chance, key = senders.chance, new_key(senders)
    uscc = demo_uscc(200 + chance.randint(0, 3))
    proof = possession(senders, key, senders.world.party_of(uscc), "finance-1")
    candidate = ProposeMember(uscc, "某成员", SUITE_ED25519, key.public_key, "finance-1", proof)
    return [(chance.choice(MEMBERS), candidate)]


def _upgrade(senders: "Senders") -> Calls:
    name = senders.chance.choice(MEMBERS)
    if senders.model.planned_upgrade is not None:
        return [(name, ProposeUpgradeCancellation(2))]
    return [(name, ProposeUpgrade(2, FAR_HEIGHT))]


def _recovery(senders: "Senders") -> Calls:
    """Somebody says that the last supplier has lost a spare key of its."""
    lost = _spare_key(senders)
    if lost is None:
        return _register(senders)
    key, party = new_key(senders), senders.party(_SPARED)
    senders.new_keys[_SPARED].append(key)
    proof = possession(senders, key, party, "recovered")
    message = ProposeRecovery(party, (lost,), SUITE_ED25519, key.public_key, "recovered", proof)
    return [(senders.chance.choice(MEMBERS), message)]


def _spare_key(senders: "Senders") -> bytes | None:
    ids = [key_id_of(key.suite, key.public_key) for key in senders.new_keys[_SPARED]]
    live = [key_id for key_id in ids if key_id in senders.model.keys]
    return senders.chance.choice(live) if live else None


def _register(senders: "Senders") -> Calls:
    key, party = new_key(senders), senders.party(_SPARED)
    senders.new_keys[_SPARED].append(key)
    proof = possession(senders, key, party, "spare")
    return [(_SPARED, RegisterKey(SUITE_ED25519, key.public_key, "spare", proof))]


def _revoke(senders: "Senders") -> Calls:
    spare = _spare_key(senders)
    return _register(senders) if spare is None else [(_SPARED, RevokeKey(spare))]


def _recover_own(senders: "Senders") -> Calls:
    lost = _spare_key(senders)
    if lost is None:
        return _register(senders)
    key, party = new_key(senders), senders.party(_SPARED)
    proof = possession(senders, key, party, "recovered")
    senders.new_keys[_SPARED].append(key)
    senders.silent_key = lost
    message = RecoverOwnKeys((lost,), SUITE_ED25519, key.public_key, "recovered", proof)
    return [(_SPARED, message)]


def _admit(senders: "Senders") -> Calls:
    key = new_key(senders)
    uscc = demo_uscc(100 + senders.chance.randint(0, 5))
    proof = possession(senders, key, senders.world.party_of(uscc), "finance-1")
    admit = AdmitParticipant(uscc, "某企业", SUITE_ED25519, key.public_key, "finance-1", proof)
    return [(senders.chance.choice(("bank", "core")), admit)]


def _change_sponsor(senders: "Senders") -> Calls:
    asked = [
        (party, sponsor)
        for party, sponsor in senders.model.asked_sponsor.items()
        if party in senders.world.names
    ]
    if asked and senders.chance.random() < 0.7:  # noqa: PLR2004 - mostly agreed
        party, sponsor = senders.chance.choice(asked)
        return [(senders.name(sponsor), AcceptParticipant(party))]
    sponsor = senders.party(senders.chance.choice(MEMBERS))
    return [(senders.chance.choice(SPONSORED), AskSponsor(sponsor))]


def _supervise(senders: "Senders") -> Calls:
    away = [name for name in SPONSORED if senders.party(name) in senders.model.suspended]
    party = senders.party(senders.chance.choice(away or SPONSORED))
    is_suspended = party in senders.model.suspended
    wants_back = is_suspended != (senders.chance.random() < 0.1)  # noqa: PLR2004 - a slip
    message = ReinstateParticipant(party) if wants_back else SuspendParticipant(party)
    return [(senders.name(senders.model.sponsors[party]), message)]


def _group(senders: "Senders") -> Calls:
    member, head = senders.chance.sample(MEMBERS, 2)
    return [(member, DeclareGroup(senders.party(head)))]


def _mandate(senders: "Senders") -> Calls:
    """Bound what the keys of a party may pay: a message, a day, for a time, by how many."""
    chance = senders.chance
    name = chance.choice(("core", "bank", "supplier1"))
    keys = senders.world.organisations[name].keys
    ids = tuple(key_id_of(keys[r].suite, keys[r].public_key) for r in ("finance-1", "finance-2"))
    expires_at_ms = chance.choice((0, 0, senders.model.time_ms + 8 * MS_PER_HOUR))
    cap_minor = chance.choice((1_000_00, 600_000_00, 2**63 - 1))
    rule = MandateRule(
        ids, chance.choice((1, 2)), cap_minor, expires_at_ms, chance.choice((0, cap_minor))
    )
    kind = chance.choice((Transfer, Transfer, PendTransfer))
    return [(name, SetMandate(type_no(kind), (rule,)))]


def manage(senders: "Senders") -> Calls:
    """Admit somebody, change keys, sponsors, mandates, or standing."""
    return senders.chance.choices(tuple(_MANAGE), tuple(_MANAGE.values()))[0](senders)


_PROPOSE: Final[dict[Callable[["Senders"], Calls], int]] = {
    _status: 4,
    _policy: 5,
    _calendar: 4,
    _member: 3,
    _upgrade: 4,
    _recovery: 5,
}
_MANAGE: Final[dict[Callable[["Senders"], Calls], int]] = {
    _admit: 3,
    _register: 4,
    _revoke: 2,
    _recover_own: 4,
    _change_sponsor: 5,
    _supervise: 5,
    _group: 1,
    _mandate: 4,
}
