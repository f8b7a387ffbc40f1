"""The reference model's rules of governance: who votes on what, and what comes of it.

Rules this file keeps:
 1. The shares and days of ledger.md 5 are written here once more; policy may only raise them.
 2. Votes are counted from the ballots each time: one a group, none on one's own case.
 3. A proposal that passed is enacted at its moment, if its votes and its content still stand, and
    lapses otherwise; nothing else is enacted.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from xinlian.contracts.message import Event, Message
from xinlian.modules.governance import events as gve
from xinlian.modules.governance import messages as governance
from xinlian.modules.members import events as mbe
from xinlian.modules.members.types import key_id_of, organisation_id
from xinlian.primitives.time import MS_PER_DAY, china_day, weekday_of_day
from xinlian.testing.simulator.member_rules import (
    SUSPENDED,
    add_key,
    grant_management,
    recover,
)
from xinlian.testing.simulator.model import SATURDAY, Disagreement, EventRule, MessageRule, Model
from xinlian.testing.simulator.records import Posting, Proposal

_THREE_QUARTERS: Final = 9
_FEW: Final = 2
_PREFIX: Final = "governance."


class _Row(NamedTuple):
    """How a kind of proposal is decided: (default, floor) of its numbers, in twelfths and days."""

    threshold: tuple[int, int]
    delay_days: int


_ROWS: Final = {
    "suspend": _Row((8, 8), 0),
    "reinstate": _Row((8, 6), 0),
    "policy": _Row((8, 8), 0),
    "calendar": _Row((8, 6), 0),
    "admit": _Row((9, 9), 7),
    "rows": _Row((9, 9), 7),
    "upgrade": _Row((9, 9), 7),
    "cancel_upgrade": _Row((8, 6), 0),
    "recover": _Row((8, 8), 7),
}
_QUORUM: Final = 6


def _number(model: Model, name: str, default: int, floor: int, at_ms: int = -1) -> int:
    """Return a number of governance in force at a moment, now without one."""
    at_ms = model.time_ms if at_ms < 0 else at_ms
    values = [value for since, value, _ in model.policy.get(_PREFIX + name, ()) if since <= at_ms]
    return max(values[-1] if values else default, floor)


def _votes_on(model: Model, member: bytes, at_ms: int) -> bool:
    """Return whether a member has a vote on what was published at a moment."""
    seasoning_ms = _number(model, "seasoning_days", 180, 180, at_ms) * MS_PER_DAY
    if member not in model.members or member in model.heads:
        return False
    is_young = at_ms < model.beginning.time_ms + seasoning_ms
    seasoned_ms = model.members[member] + (0 if is_young else seasoning_ms)
    return seasoned_ms <= at_ms


def _is_own_case(model: Model, proposal: Proposal, member: bytes) -> bool:
    return bool(proposal.subject) and model.heads.get(proposal.subject, proposal.subject) == member


def are_enough(model: Model, proposal: Proposal) -> bool:
    """Return whether the votes of the present round let a proposal pass."""
    at_ms = proposal.proposed_at_ms
    electors = [member for member in model.members if _votes_on(model, member, at_ms)]
    counted = [
        proposal.ballots[member]
        for member in electors
        if member in proposal.ballots and not _is_own_case(model, proposal, member)
    ]
    if proposal.is_vetoed and not proposal.has_evidence:
        return False
    if len(electors) <= _FEW:
        return 0 < len(electors) == sum(counted)
    quorum = _number(model, f"{proposal.kind}.quorum_twelfths", _QUORUM, 0, at_ms)
    default, floor = _ROWS[proposal.kind].threshold
    asked = _number(model, f"{proposal.kind}.threshold_twelfths", default, floor, at_ms)
    if proposal.is_vetoed:
        asked = max(asked, _THREE_QUARTERS)
    is_quorate = 12 * len(counted) >= quorum * len(electors)
    return is_quorate and 12 * sum(counted) >= asked * len(electors)


def _delay_ms(model: Model, kind: str, at_ms: int) -> int:
    days = _ROWS[kind].delay_days
    return _number(model, f"{kind}.delay_days", days, days, at_ms) * MS_PER_DAY


def _publish(
    model: Model, party: bytes, kind: str, content: Message, subject: bytes = b""
) -> list[Posting]:
    """Follow a proposal, whatever it is about."""
    model.require(_votes_on(model, party, model.time_ms), "who has a vote proposes")
    unfinished = sum(
        one.proposer == party and one.stage in ("open", "passed")
        for one in model.proposals.values()
    )
    model.require(
        unfinished < _number(model, "open_proposals_max", 8, 1), "a bounded number at a time"
    )
    model.proposals[model.new_id("proposal")] = Proposal(
        kind,
        party,
        subject,
        content,
        model.time_ms,
        model.time_ms + _number(model, "voting_days", 30, 7) * MS_PER_DAY,
    )
    return []


def _suspension(model: Model, party: bytes, message: governance.ProposeSuspension) -> list[Posting]:
    is_sensible = message.member in model.members and message.member not in model.suspended
    model.require(is_sensible, "a member that is not suspended may be")
    return _publish(model, party, "suspend", message, message.member)


def _reinstatement(
    model: Model, party: bytes, message: governance.ProposeReinstatement
) -> list[Posting]:
    is_sensible = message.member in model.members and message.member in model.suspended
    model.require(is_sensible, "a suspended member may be reinstated")
    return _publish(model, party, "reinstate", message, message.member)


def _policy(model: Model, party: bytes, message: governance.ProposePolicy) -> list[Posting]:
    kind = "rows" if message.row.startswith(_PREFIX) else "policy"
    delay_ms = _delay_ms(model, kind, model.time_ms)
    model.require(_can_set(model, message, delay_ms), "policy does not reach back nor surprise")
    return _publish(model, party, kind, message)


def _can_set(model: Model, change: governance.ProposePolicy, delay_ms: int = 0) -> bool:
    notice_ms = _number(model, "policy_notice_days", 7, 1) * MS_PER_DAY
    latest_ms = model.policy[change.row][-1][0] if change.row in model.policy else -1
    is_known = change.row in model.policy or change.row.startswith(_PREFIX)
    is_early = change.effective_from_ms < model.time_ms + delay_ms + notice_ms
    return is_known and not is_early and change.effective_from_ms > latest_ms


def _calendar(model: Model, party: bytes, message: governance.ProposeCalendarYear) -> list[Posting]:
    model.require(_can_publish(model, message), "no day changes that has begun")
    return _publish(model, party, "calendar", message)


def _can_publish(model: Model, change: governance.ProposeCalendarYear) -> bool:
    after = {one.day: one.is_working for one in change.exceptions}
    for day in model.calendar.get(change.year, {}).keys() | after.keys():
        is_banking = after.get(day, weekday_of_day(day) < SATURDAY)
        if is_banking != model.is_banking_day(day) and day <= china_day(model.time_ms):
            return False
    return True


def _member(model: Model, party: bytes, message: governance.ProposeMember) -> list[Posting]:
    model.require(_can_admit(model, message), "a new organisation, with a new key")
    return _publish(model, party, "admit", message)


def _can_admit(model: Model, candidate: governance.ProposeMember) -> bool:
    admitted = organisation_id(model.beginning.chain_id, candidate.uscc)
    key_id = key_id_of(candidate.suite, candidate.public_key)
    return admitted not in model.parties and key_id not in model.ever_keys


def _upgrade(model: Model, party: bytes, message: governance.ProposeUpgrade) -> list[Posting]:
    model.require(_can_plan(model, message), "the next version, at a height to come, one at a time")
    return _publish(model, party, "upgrade", message)


def _can_plan(model: Model, change: governance.ProposeUpgrade) -> bool:
    is_next = change.app_version == 2 and change.height > model.height  # noqa: PLR2004 - after 1
    return is_next and model.planned_upgrade is None


def _cancellation(
    model: Model, party: bytes, message: governance.ProposeUpgradeCancellation
) -> list[Posting]:
    model.require(_can_take_back(model, message), "what is planned is taken back")
    return _publish(model, party, "cancel_upgrade", message)


def _can_take_back(model: Model, change: governance.ProposeUpgradeCancellation) -> bool:
    planned = model.planned_upgrade
    return planned is not None and planned[0] == change.app_version


def _recovery(model: Model, party: bytes, message: governance.ProposeRecovery) -> list[Posting]:
    model.require(message.party in model.parties and message.party != party, "of another's keys")
    model.require(_can_recover(model, message), "lost keys are live ones, the new one is new")
    others = [
        one
        for one in model.proposals.values()
        if one.kind == "recover" and one.subject == message.party
    ]
    is_alone = all(one.stage not in ("open", "passed") for one in others)
    model.require(is_alone, "one case at a time")
    return _publish(model, party, "recover", message, message.party)


def _can_recover(model: Model, change: governance.ProposeRecovery) -> bool:
    are_live = all(model.keys.get(key_id) == change.party for key_id in change.lost_keys)
    return are_live and key_id_of(change.suite, change.public_key) not in model.ever_keys


def _vote(model: Model, party: bytes, message: governance.Vote) -> list[Posting]:
    may_vote(model, party, message)
    proposal = model.proposals[message.proposal]
    proposal.ballots[party] = message.in_favour
    _pass_if_enough(model, message.proposal, proposal)
    return []


def may_vote(model: Model, party: bytes, message: governance.Vote) -> bool:
    """Require that a member may vote on a proposal now; return True."""
    proposal = _open(model, message.proposal)
    model.require(_votes_on(model, party, proposal.proposed_at_ms), "the electorate votes")
    model.require(message.round_no == proposal.round_no, "in the present round")
    model.require(not _is_own_case(model, proposal, party), "not on its own case")
    model.require(party not in proposal.ballots, "once")
    return True


def _open(model: Model, proposal_id: bytes) -> Proposal:
    proposal = model.proposals.get(proposal_id)
    if proposal is None or proposal.stage != "open":
        raise Disagreement("the proposal is open")
    model.require(model.time_ms < proposal.expires_at_ms, "its time is not over")
    return proposal


def _pass_if_enough(model: Model, proposal_id: bytes, proposal: Proposal) -> None:
    if not are_enough(model, proposal):
        return
    delay_ms = _delay_ms(model, proposal.kind, proposal.proposed_at_ms)
    enact_at_ms = model.time_ms + delay_ms
    if proposal.is_vetoed:
        enact_at_ms = max(enact_at_ms, proposal.proposed_at_ms + 2 * delay_ms)
    proposal.stage, proposal.enact_at_ms = "passed", enact_at_ms
    model.expect("passed", proposal_id, enact_at_ms)


def _veto(model: Model, party: bytes, message: governance.VetoRecovery) -> list[Posting]:
    proposal = model.proposals.get(message.proposal)
    if proposal is None or proposal.kind != "recover" or proposal.subject != party:
        raise Disagreement("a party disputes its own recovery alone")
    model.require(not proposal.is_vetoed, "once")
    is_undecided = proposal.stage == "open" and model.time_ms < proposal.expires_at_ms
    model.require(is_undecided or proposal.stage == "passed", "until it is enacted")
    proposal.stage, proposal.is_vetoed, proposal.enact_at_ms = "open", True, 0
    proposal.round_no += 1
    proposal.ballots = {}
    proposal.expires_at_ms = model.time_ms + _number(model, "voting_days", 30, 7) * MS_PER_DAY
    model.frozen[party] = message.proposal
    return []


def _evidence(
    model: Model, party: bytes, message: governance.FileIdentityEvidence
) -> list[Posting]:
    proposal = _open(model, message.proposal)
    is_entitled = _votes_on(model, party, proposal.proposed_at_ms)
    model.require(is_entitled and not _is_own_case(model, proposal, party), "another files")
    model.require(proposal.is_vetoed and not proposal.has_evidence, "after a veto, once")
    proposal.has_evidence = True
    _pass_if_enough(model, message.proposal, proposal)
    return []


def _on_published(model: Model, event: gve.ProposalPublished) -> None:
    proposal = model.proposals[event.proposal]
    told = (event.proposer, event.party, event.expires_at_ms)
    known = (proposal.proposer, proposal.subject, proposal.expires_at_ms)
    model.require(told == known, "a proposal is announced as it was made")


def _on_passed(model: Model, event: gve.ProposalPassed) -> None:
    told = ("passed", event.proposal, event.enact_at_ms)
    model.require(model.met(*told), "a proposal passes when its votes are enough, and waits")


def _on_expired(model: Model, event: gve.ProposalExpired) -> None:
    proposal = model.proposals[event.proposal]
    is_over = proposal.stage == "open" and model.time_ms >= proposal.expires_at_ms
    model.require(is_over, "an open proposal ends when its voting time is over")
    _finish(model, event.proposal, proposal, "expired")


def _on_lapsed(model: Model, event: gve.ProposalLapsed) -> None:
    proposal = model.proposals[event.proposal]
    _require_its_moment(model, proposal)
    model.require(not _can_be_enacted(model, proposal), "what can be enacted does not lapse")
    _finish(model, event.proposal, proposal, "lapsed")


def _on_enacted(model: Model, event: gve.ProposalEnacted) -> None:
    proposal = model.proposals[event.proposal]
    told = ("enacted", proposal.kind, proposal.subject)
    model.require(model.met(*told), "what is enacted was done")
    _finish(model, event.proposal, proposal, "enacted")


def _enact(model: Model, proposal: Proposal) -> None:
    """Note that a proposal is being enacted, which it must be entitled to."""
    _require_its_moment(model, proposal)
    model.require(_can_be_enacted(model, proposal), "votes and content still stand")
    model.expect("enacted", proposal.kind, proposal.subject)


def _enact_about(model: Model, kind: str, subject: bytes) -> Any:  # noqa: ANN401 - of its kind
    """Enact one of the proposals of a kind about a party; return what it says."""
    for proposal in model.proposals.values():
        is_it = (proposal.kind, proposal.subject, proposal.stage) == (kind, subject, "passed")
        if is_it and model.time_ms >= proposal.enact_at_ms and _can_be_enacted(model, proposal):
            _enact(model, proposal)
            return proposal.content
    raise Disagreement(f"nobody decided to {kind} {subject.hex()}")


def _on_status(model: Model, event: mbe.PartyStatusChanged) -> None:
    is_suspended = event.status == SUSPENDED
    if not model.met("status", event.party, is_suspended):
        _enact_about(model, "suspend" if is_suspended else "reinstate", event.party)
    change = model.suspended.add if is_suspended else model.suspended.discard
    change(event.party)


def _on_recovered(model: Model, event: mbe.KeyRecovered) -> None:
    if model.is_scheduled:
        change = _enact_about(model, "recover", event.party)
        new_key = key_id_of(change.suite, change.public_key)
        recover(model, event.party, change.lost_keys, new_key)
    told = ("recovered", event.party, event.key_id, event.held_until_ms)
    model.require(model.met(*told), "a key is recovered as was asked, and held")


def _on_policy(model: Model, event: gve.PolicyChanged) -> None:
    proposal = model.proposals[event.proposal]
    _enact(model, proposal)
    change = proposal.content
    told = (event.row, event.effective_from_ms, event.value, event.applies_by)
    fields = ("row", "effective_from_ms", "value", "applies_by")
    known = tuple(getattr(change, name) for name in fields)
    model.require(told == known, "policy changes as was decided")
    model.policy.setdefault(event.row, []).append(told[1:])


def _on_calendar(model: Model, event: gve.CalendarPublished) -> None:
    proposal = model.proposals[event.proposal]
    _enact(model, proposal)
    if isinstance(proposal.content, governance.ProposeCalendarYear):
        exceptions = proposal.content.exceptions
        model.calendar[event.year] = {one.day: one.is_working for one in exceptions}


def _on_member(model: Model, event: gve.MemberAdmitted) -> None:
    _enact(model, model.proposals[event.proposal])
    model.require(
        event.party == organisation_id(model.beginning.chain_id, event.uscc), "under its own code"
    )
    model.parties.add(event.party)
    model.members[event.party] = model.time_ms
    add_key(model, event.party, event.key_id)
    grant_management(model, event.party, event.key_id)


def _on_upgrade(model: Model, event: gve.UpgradeDecided) -> None:
    _enact(model, model.proposals[event.proposal])
    model.planned_upgrade = (event.app_version, event.height)


def _on_taken_back(model: Model, event: gve.UpgradeCancelled) -> None:
    _enact(model, model.proposals[event.proposal])
    model.planned_upgrade = None


def _finish(model: Model, proposal_id: bytes, proposal: Proposal, stage: str) -> None:
    proposal.stage = stage
    if model.frozen.get(proposal.subject) == proposal_id:
        del model.frozen[proposal.subject]


def _require_its_moment(model: Model, proposal: Proposal) -> None:
    is_its_moment = proposal.stage == "passed" and model.time_ms >= proposal.enact_at_ms
    model.require(is_its_moment, "nothing is enacted before it passed and its delay is over")


def _can_be_enacted(model: Model, proposal: Proposal) -> bool:
    return are_enough(model, proposal) and _CONTENTS[proposal.kind](model, proposal.content)


def _can_suspend(model: Model, content: governance.ProposeSuspension) -> bool:
    return content.member not in model.suspended


def _can_reinstate(model: Model, content: governance.ProposeReinstatement) -> bool:
    return content.member in model.suspended


_CONTENTS: Final[Mapping[str, Callable[[Model, Any], bool]]] = {
    "suspend": _can_suspend,
    "reinstate": _can_reinstate,
    "policy": _can_set,
    "rows": _can_set,
    "calendar": _can_publish,
    "admit": _can_admit,
    "upgrade": _can_plan,
    "cancel_upgrade": _can_take_back,
    "recover": _can_recover,
}


def overdue_proposals(model: Model) -> Iterator[tuple[str, bytes]]:
    """Yield proposals whose moment has come and that stand as they did."""
    for proposal_id, proposal in model.proposals.items():
        if proposal.stage == "open" and model.time_ms >= proposal.expires_at_ms:
            yield "voting ends", proposal_id
        if proposal.stage == "passed" and model.time_ms >= proposal.enact_at_ms:
            yield "what passed is enacted, or lapses", proposal_id


VOTE_RULES: Final[Mapping[type[Message], MessageRule]] = {
    governance.ProposeSuspension: _suspension,
    governance.ProposeReinstatement: _reinstatement,
    governance.ProposePolicy: _policy,
    governance.ProposeCalendarYear: _calendar,
    governance.ProposeMember: _member,
    governance.ProposeUpgrade: _upgrade,
    governance.ProposeUpgradeCancellation: _cancellation,
    governance.ProposeRecovery: _recovery,
    governance.Vote: _vote,
    governance.VetoRecovery: _veto,
    governance.FileIdentityEvidence: _evidence,
}
VOTE_EVENTS: Final[Mapping[type[Event], EventRule]] = {
    mbe.PartyStatusChanged: _on_status,
    mbe.KeyRecovered: _on_recovered,
    gve.ProposalPublished: _on_published,
    gve.ProposalPassed: _on_passed,
    gve.ProposalExpired: _on_expired,
    gve.ProposalLapsed: _on_lapsed,
    gve.ProposalEnacted: _on_enacted,
    gve.PolicyChanged: _on_policy,
    gve.CalendarPublished: _on_calendar,
    gve.MemberAdmitted: _on_member,
    gve.UpgradeDecided: _on_upgrade,
    gve.UpgradeCancelled: _on_taken_back,
}
