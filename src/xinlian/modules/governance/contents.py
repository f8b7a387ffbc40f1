"""What proposals change: each content is checked when published, and again when enacted.

Rules this file keeps:
 1. ``check_*`` refuses what could not be enacted; it is asked twice, for much can happen between.
 2. ``enact_*`` writes through the keepers of members, policy and the chain alone: there is no
    content that names a leaf, a balance, an obligation or a record of another module.
"""

from typing import Final

from xinlian.contracts.context import Context
from xinlian.ledger.clock import chain_meta
from xinlian.ledger.records import integer_part
from xinlian.ledger.upgrade import cancel_upgrade, plan_upgrade, planned_upgrade
from xinlian.modules.governance import events
from xinlian.modules.governance.errors import (
    HeightReached,
    NotAMember,
    NothingParked,
    NothingPlanned,
    OwnRecovery,
    StandsSo,
    UpgradePlanned,
    VersionNotNext,
)
from xinlian.modules.governance.rules import (
    NUMBERS,
    POLICY_NOTICE_DAYS,
    PREFIX,
    number_in_force,
    row_in_force,
)
from xinlian.modules.governance.types import (
    CALENDAR_CHANGES,
    CANDIDATES,
    KEY_REPLACEMENTS,
    POLICY_CHANGES,
    RETRY_CHANGES,
    UPGRADE_CHANGES,
    CalendarChange,
    Candidate,
    KeyReplacement,
    PolicyChange,
    Proposal,
    ProposalKind,
    RetryChange,
    UpgradeChange,
)
from xinlian.modules.members.errors import KeyExists, PartyExists
from xinlian.modules.members.events import PartyStatusChanged
from xinlian.modules.members.keeper import require_party, write_key
from xinlian.modules.members.membership import add_member, set_status
from xinlian.modules.members.recovery import grant_management, recover_keys, require_lost_keys
from xinlian.modules.members.types import (
    KEYS,
    PARTIES,
    Key,
    KeyStatus,
    Party,
    PartyKind,
    PartyStatus,
    key_id_of,
    organisation_id,
)
from xinlian.modules.policy.changes import (
    add_version,
    bounds_of_unit,
    check_calendar,
    check_value,
    check_version,
    publish_year,
    unit_of,
)
from xinlian.modules.policy.errors import UnknownRow
from xinlian.modules.policy.types import PolicyVersion
from xinlian.modules.schedule.keeper import retry_parked
from xinlian.modules.schedule.redating import begin_redating
from xinlian.modules.schedule.types import PARKED
from xinlian.primitives.time import MS_PER_DAY, china_day

NOT_MEMBERS_SPONSOR: Final = b""


def check_status(context: Context, member: bytes, status: PartyStatus) -> None:
    """Refuse a change of status of who is no member, or stands so."""
    party = require_party(context.state, member)
    if party.kind != PartyKind.MEMBER:
        raise NotAMember(member.hex())
    if party.status == status:
        raise StandsSo(member.hex())


def enact_status(context: Context, proposal: Proposal, status: PartyStatus) -> None:
    """Suspend or reinstate the member that a proposal is about."""
    check_status(context, proposal.party, status)
    set_status(context.state, proposal.party, status)
    context.emit(PartyStatusChanged(proposal.party, status))


def policy_kind(name: str) -> ProposalKind:
    """Return by which row a change of a policy row is decided."""
    return ProposalKind.ROWS if name.startswith(PREFIX) else ProposalKind.POLICY


def check_policy(context: Context, change: PolicyChange, delay_ms: int) -> str:
    """Return the unit of a row that a change may be made to, ``delay_ms`` from now.

    Raises:
        Rejected: the row is unknown, or the change breaks a bound or takes effect too early.
    """
    if policy_kind(change.name) == ProposalKind.ROWS:
        number = NUMBERS.get(change.name)
        if number is None:
            raise UnknownRow(change.name)
        unit, bounds = number.unit, (number.low, number.high)
    else:
        unit = unit_of(context.state, change.name)
        bounds = bounds_of_unit(unit)
    check_value(change.value, bounds)
    notice_days = number_in_force(context.state, POLICY_NOTICE_DAYS, context.time_ms)
    earliest_ms = context.time_ms + delay_ms + notice_days * MS_PER_DAY
    check_version(context.state, change.name, _version(change), earliest_ms)
    return unit


def check_published_policy(context: Context, change: PolicyChange) -> None:
    """Refuse a change that could not be enacted even if all voted now; raises Rejected."""
    row = row_in_force(context.state, policy_kind(change.name), context.time_ms)
    check_policy(context, change, row.delay_ms)


def enact_policy(context: Context, proposal_id: bytes) -> None:
    """Add the dated value to its row."""
    change = POLICY_CHANGES.require(context.state, proposal_id)
    unit = check_policy(context, change, 0)
    add_version(context.state, change.name, unit, _version(change))
    context.emit(
        events.PolicyChanged(
            proposal_id,
            change.name,
            change.effective_from_ms,
            unit,
            change.value,
            change.applies_by,
            change.citation,
            change.verified,
        ),
    )


def check_year(context: Context, change: CalendarChange) -> None:
    """Refuse a malformed calendar, or one that changes a day that has begun."""
    today = china_day(context.time_ms)
    check_calendar(context.state, change.year, change.exceptions, today)


def enact_calendar(context: Context, proposal_id: bytes) -> None:
    """Publish the year."""
    change = CALENDAR_CHANGES.require(context.state, proposal_id)
    check_year(context, change)
    first_changed_day = publish_year(context.state, change.year, change.exceptions)
    if first_changed_day is not None:
        begin_redating(context, first_changed_day)
    context.emit(events.CalendarPublished(proposal_id, change.year))


def check_candidate(context: Context, candidate: Candidate) -> bytes:
    """Return the id of an organisation that is not there yet; raises PartyExists or KeyExists."""
    party = organisation_id(context.chain_id, candidate.uscc)
    if PARTIES.get(context.state, party) is not None:
        raise PartyExists(party.hex())
    key_id = key_id_of(candidate.suite, candidate.public_key)
    if KEYS.get(context.state, key_id) is not None:
        raise KeyExists(key_id.hex())
    return party


def enact_admission(context: Context, proposal_id: bytes) -> None:
    """Write the member, its first key, and its vote, which it has when it is seasoned."""
    candidate = CANDIDATES.require(context.state, proposal_id)
    party = check_candidate(context, candidate)
    key_id = write_key(context.state, key_of(context, party, candidate))
    member = Party(
        kind=PartyKind.MEMBER,
        status=PartyStatus.ACTIVE,
        sponsor=NOT_MEMBERS_SPONSOR,
        admitted_at_ms=context.time_ms,
        uscc=candidate.uscc,
        name=candidate.name,
    )
    add_member(context.state, party, member)
    grant_management(context.state, party, key_id)
    context.emit(
        events.MemberAdmitted(
            proposal_id,
            party,
            candidate.uscc,
            candidate.name,
            key_id,
            candidate.suite,
            candidate.public_key,
            candidate.role,
        ),
    )


def check_upgrade(context: Context, change: UpgradeChange) -> None:
    """Refuse an upgrade that is not to the next version, or whose height has been reached."""
    if change.app_version != chain_meta(context.state).app_version + 1:
        raise VersionNotNext(str(change.app_version))
    if planned_upgrade(context.state) is not None:
        raise UpgradePlanned(str(change.app_version))
    if change.height <= context.height:
        raise HeightReached(str(change.height))


def enact_upgrade(context: Context, proposal_id: bytes) -> None:
    """Plan the version for its height."""
    change = UPGRADE_CHANGES.require(context.state, proposal_id)
    check_upgrade(context, change)
    plan_upgrade(context.state, change.app_version, change.height)
    context.emit(events.UpgradeDecided(proposal_id, change.app_version, change.height))


def check_cancellation(context: Context, app_version: int) -> None:
    """Refuse to cancel what is not planned."""
    planned = planned_upgrade(context.state)
    if planned is None or planned.app_version != app_version:
        raise NothingPlanned(str(app_version))


def enact_cancellation(context: Context, proposal_id: bytes) -> None:
    """Take the planned upgrade back."""
    change = UPGRADE_CHANGES.require(context.state, proposal_id)
    check_cancellation(context, change.app_version)
    cancel_upgrade(context.state)
    context.emit(events.UpgradeCancelled(proposal_id, change.app_version))


def check_retry(context: Context, change: RetryChange) -> None:
    """Refuse to retry what is not parked; raises NothingParked."""
    for number in change.parked:
        if PARKED.get(context.state, integer_part(number)) is None:
            raise NothingParked(str(number))


def enact_retry(context: Context, proposal_id: bytes) -> None:
    """Queue the parked work, due now; each item fails or succeeds by itself."""
    change = RETRY_CHANGES.require(context.state, proposal_id)
    check_retry(context, change)
    for number in change.parked:
        item = retry_parked(context.state, number, context.time_ms)
        if item is not None:
            context.emit(events.ParkedRetried(proposal_id, number, item.handler_no))


def check_recovery(context: Context, party: bytes, replacement: KeyReplacement) -> None:
    """Refuse a recovery of keys that are not the party's, or by a key that is known already."""
    require_party(context.state, party)
    if party == context.acting_for:
        raise OwnRecovery(party.hex())
    require_lost_keys(context.state, party, replacement.lost_keys)
    key_id = key_id_of(replacement.suite, replacement.public_key)
    if KEYS.get(context.state, key_id) is not None:
        raise KeyExists(key_id.hex())


def enact_recovery(context: Context, proposal_id: bytes, party: bytes) -> None:
    """Revoke the lost keys and register the one that replaces them, which is held for a time."""
    replacement = KEY_REPLACEMENTS.require(context.state, proposal_id)
    recover_keys(context, key_of(context, party, replacement), replacement.lost_keys)


def key_of(context: Context, party: bytes, named: Candidate | KeyReplacement) -> Key:
    """Return the key that a proposal brings, registered now."""
    return Key(
        party=party,
        suite=named.suite,
        public_key=named.public_key,
        role=named.role,
        status=KeyStatus.ACTIVE,
        registered_at_ms=context.time_ms,
    )


def _version(change: PolicyChange) -> PolicyVersion:
    return PolicyVersion(
        change.effective_from_ms,
        change.value,
        change.applies_by,
        change.citation,
        change.verified,
    )
