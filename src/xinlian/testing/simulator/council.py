"""What simulated members and participants send about rules, votes, keys and sponsors."""

import hashlib
from collections.abc import Callable
from typing import Final

from xinlian.contracts.message import type_no
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
from xinlian.testing.simulator.records import Proposal
from xinlian.testing.simulator.scene import Calls, Scene
from xinlian.testing.simulator.world import MEMBERS, SPONSORED

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


def new_key(scene: Scene) -> SigningKey:
    """Return a key that nobody has."""
    scene.number += 1
    return SigningKey(hashlib.sha256(f"simulated key {scene.number}".encode()).digest())


def possession(scene: Scene, key: SigningKey, party: bytes, role: str) -> bytes:
    """Return the proof that a key asks for its own registration."""
    return key.sign(possession_bytes(scene.model.beginning.chain_id, party, role))


def govern(scene: Scene) -> Calls:
    """Vote, dispute a recovery, or propose something."""
    running = [
        (proposal_id, proposal)
        for proposal_id, proposal in scene.model.proposals.items()
        if proposal.stage in ("open", "passed")
    ]
    if running and scene.chance.random() < 0.75:  # noqa: PLR2004 - many votes a proposal
        return _decide(scene, *scene.chance.choice(running))
    return scene.chance.choices(tuple(_PROPOSE), tuple(_PROPOSE.values()))[0](scene)


def _decide(scene: Scene, proposal_id: bytes, proposal: Proposal) -> Calls:
    chance = scene.chance
    if proposal.kind == "recover" and chance.random() < 0.4:  # noqa: PLR2004 - some dispute it
        if proposal.is_vetoed and not proposal.has_evidence:
            evidence = FileIdentityEvidence(proposal_id, scene.root("identity"))
            return [(chance.choice(MEMBERS), evidence)]
        return [(scene.name(proposal.subject), VetoRecovery(proposal_id))]
    silent = [name for name in MEMBERS if scene.party(name) not in proposal.ballots]
    in_favour = chance.random() < 0.92  # noqa: PLR2004 - mostly agreed
    vote = Vote(proposal_id, proposal.round_no, in_favour)
    return [(chance.choice(silent or list(MEMBERS)), vote)]


def _status(scene: Scene) -> Calls:
    away = [p for p in scene.model.members if p in scene.model.suspended]
    party = scene.chance.choice(away or [scene.party(name) for name in MEMBERS])
    is_suspended = party in scene.model.suspended
    kind = ProposeReinstatement if is_suspended else ProposeSuspension
    return [(scene.chance.choice(MEMBERS), kind(party))]


def _policy(scene: Scene) -> Calls:
    chance = scene.chance
    row, values = chance.choice(_POLICY)
    days = chance.choice((6, 7, 8, 15, 18))
    from_ms = scene.model.time_ms + days * MS_PER_DAY
    by = chance.choice(("event", "event", "issue", "contract"))
    change = ProposePolicy(row, chance.choice(values), by, from_ms, "simulated", verified=False)
    return [(chance.choice(MEMBERS), change)]


def _calendar(scene: Scene) -> Calls:
    """Publish a year, or publish it anew: some coming days are free, a weekend is worked."""
    chance = scene.chance
    today = china_day(scene.model.time_ms)
    year = _year_of(today + chance.choice((0, 0, 31)))
    before = scene.model.calendar.get(year, {})
    coming = {today + days: chance.randrange(3) == 0 for days in chance.sample(range(1, 40), 8)}
    days = {day: is_working for day, is_working in coming.items() if _year_of(day) == year}
    kept = {day: is_working for day, is_working in before.items() if day <= today + 1}
    exceptions = tuple(CalendarException(day, on) for day, on in sorted((kept | days).items()))
    return [(chance.choice(MEMBERS), ProposeCalendarYear(year, exceptions))]


def _year_of(day: int) -> int:
    return int(iso_of_day(day)[:4])


def _member(scene: Scene) -> Calls:
    chance, key = scene.chance, new_key(scene)
    uscc = demo_uscc(200 + chance.randint(0, 3))
    proof = possession(scene, key, scene.world.party_of(uscc), "finance-1")
    candidate = ProposeMember(uscc, "某成员", SUITE_ED25519, key.public_key, "finance-1", proof)
    return [(chance.choice(MEMBERS), candidate)]


def _upgrade(scene: Scene) -> Calls:
    name = scene.chance.choice(MEMBERS)
    if scene.model.planned_upgrade is not None:
        return [(name, ProposeUpgradeCancellation(2))]
    return [(name, ProposeUpgrade(2, FAR_HEIGHT))]


def _recovery(scene: Scene) -> Calls:
    """Somebody says that the last supplier has lost a spare key of its."""
    lost = _spare_key(scene)
    if lost is None:
        return _register(scene)
    key, party = new_key(scene), scene.party(_SPARED)
    scene.new_keys[_SPARED].append(key)
    proof = possession(scene, key, party, "recovered")
    message = ProposeRecovery(party, (lost,), SUITE_ED25519, key.public_key, "recovered", proof)
    return [(scene.chance.choice(MEMBERS), message)]


def _spare_key(scene: Scene) -> bytes | None:
    ids = [key_id_of(key.suite, key.public_key) for key in scene.new_keys[_SPARED]]
    live = [key_id for key_id in ids if key_id in scene.model.keys]
    return scene.chance.choice(live) if live else None


def _register(scene: Scene) -> Calls:
    key, party = new_key(scene), scene.party(_SPARED)
    scene.new_keys[_SPARED].append(key)
    proof = possession(scene, key, party, "spare")
    return [(_SPARED, RegisterKey(SUITE_ED25519, key.public_key, "spare", proof))]


def _revoke(scene: Scene) -> Calls:
    spare = _spare_key(scene)
    return _register(scene) if spare is None else [(_SPARED, RevokeKey(spare))]


def _recover_own(scene: Scene) -> Calls:
    lost = _spare_key(scene)
    if lost is None:
        return _register(scene)
    key, party = new_key(scene), scene.party(_SPARED)
    proof = possession(scene, key, party, "recovered")
    scene.new_keys[_SPARED].append(key)
    scene.silent_key = lost
    message = RecoverOwnKeys((lost,), SUITE_ED25519, key.public_key, "recovered", proof)
    return [(_SPARED, message)]


def _admit(scene: Scene) -> Calls:
    key = new_key(scene)
    uscc = demo_uscc(100 + scene.chance.randint(0, 5))
    proof = possession(scene, key, scene.world.party_of(uscc), "finance-1")
    admit = AdmitParticipant(uscc, "某企业", SUITE_ED25519, key.public_key, "finance-1", proof)
    return [(scene.chance.choice(("bank", "core")), admit)]


def _change_sponsor(scene: Scene) -> Calls:
    asked = [
        (party, sponsor)
        for party, sponsor in scene.model.asked_sponsor.items()
        if party in scene.world.names
    ]
    if asked and scene.chance.random() < 0.7:  # noqa: PLR2004 - mostly agreed
        party, sponsor = scene.chance.choice(asked)
        return [(scene.name(sponsor), AcceptParticipant(party))]
    sponsor = scene.party(scene.chance.choice(MEMBERS))
    return [(scene.chance.choice(SPONSORED), AskSponsor(sponsor))]


def _supervise(scene: Scene) -> Calls:
    away = [name for name in SPONSORED if scene.party(name) in scene.model.suspended]
    party = scene.party(scene.chance.choice(away or SPONSORED))
    is_suspended = party in scene.model.suspended
    wants_back = is_suspended != (scene.chance.random() < 0.1)  # noqa: PLR2004 - a slip
    message = ReinstateParticipant(party) if wants_back else SuspendParticipant(party)
    return [(scene.name(scene.model.sponsors[party]), message)]


def _group(scene: Scene) -> Calls:
    member, head = scene.chance.sample(MEMBERS, 2)
    return [(member, DeclareGroup(scene.party(head)))]


def _mandate(scene: Scene) -> Calls:
    """Bound what the keys of a party may pay: a message, a day, for a time, by how many."""
    chance = scene.chance
    name = chance.choice(("core", "bank", "supplier1"))
    keys = scene.world.organisations[name].keys
    ids = tuple(key_id_of(keys[r].suite, keys[r].public_key) for r in ("finance-1", "finance-2"))
    expires_at_ms = chance.choice((0, 0, scene.model.time_ms + 8 * MS_PER_HOUR))
    cap_minor = chance.choice((1_000_00, 600_000_00, 2**63 - 1))
    rule = MandateRule(
        ids, chance.choice((1, 2)), cap_minor, expires_at_ms, chance.choice((0, cap_minor))
    )
    kind = chance.choice((Transfer, Transfer, PendTransfer))
    return [(name, SetMandate(type_no(kind), (rule,)))]


def manage(scene: Scene) -> Calls:
    """Admit somebody, change keys, sponsors, mandates, or standing."""
    return scene.chance.choices(tuple(_MANAGE), tuple(_MANAGE.values()))[0](scene)


_PROPOSE: Final[dict[Callable[[Scene], Calls], int]] = {
    _status: 4,
    _policy: 5,
    _calendar: 4,
    _member: 3,
    _upgrade: 4,
    _recovery: 5,
}
_MANAGE: Final[dict[Callable[[Scene], Calls], int]] = {
    _admit: 3,
    _register: 4,
    _revoke: 2,
    _recover_own: 4,
    _change_sponsor: 5,
    _supervise: 5,
    _group: 1,
    _mandate: 4,
}
