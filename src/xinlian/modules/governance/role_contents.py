"""Proposals that give or withdraw an official role.

Rules this file keeps:
 1. A role is given to an organisation of the directory, by three quarters and after public notice;
    it is withdrawn at once, by two thirds: what can freeze others must be stoppable.
 2. Neither reaches back: what was done in a role while it was held stays.
"""

from xinlian.contracts.context import Context
from xinlian.modules.governance.types import ROLE_CHANGES, Proposal
from xinlian.modules.members.errors import NotAnOrganisation
from xinlian.modules.members.keeper import require_party
from xinlian.modules.members.roles import (
    OfficialRole,
    check_role_free,
    check_role_held,
    give_role,
    role_named,
    withdraw_role,
)
from xinlian.modules.members.types import PartyKind


def check_giving(context: Context, party: bytes, name: str) -> OfficialRole:
    """Return a role that may be given to a party; raises LedgerError why it may not."""
    role = role_named(name)
    if require_party(context.state, party).kind == PartyKind.PERSON:
        raise NotAnOrganisation(party.hex())
    check_role_free(context.state, party, role)
    return role


def check_withdrawal(context: Context, party: bytes, name: str) -> OfficialRole:
    """Return a role that may be withdrawn from a party; raises LedgerError why it may not."""
    role = role_named(name)
    require_party(context.state, party)
    check_role_held(context.state, party, role)
    return role


def enact_giving(context: Context, proposal_id: bytes, proposal: Proposal) -> None:
    """Give the role, from now on."""
    change = ROLE_CHANGES.require(context.state, proposal_id)
    role = check_giving(context, proposal.party, change.official_role)
    give_role(context, proposal.party, role)


def enact_withdrawal(context: Context, proposal_id: bytes, proposal: Proposal) -> None:
    """End the role, now."""
    change = ROLE_CHANGES.require(context.state, proposal_id)
    role = check_withdrawal(context, proposal.party, change.official_role)
    withdraw_role(context, proposal.party, role)
