"""Official roles: what an organisation is to the consortium as a whole, by its decision.

Rules this file keeps:
 1. The roles are a closed list.  A number is never given twice; a role is added only with a new
    application version, and the list's own version says so.
 2. There is one record for a role and a party.  It says since when the role is held and, once it
    was withdrawn, until when: what was done in it before stays as it is.
 3. A role is given and withdrawn by the vote of members alone, or stands in the genesis file, and
    takes effect at the moment of the decision, never before it.
 4. Which role may do what is decided by the module that asks; it asks at execution.

Source: docs/concepts/parties.md (register, aggregator, court, platform, regulators).
"""

import enum
from typing import Final

from xinlian.contracts.context import Context
from xinlian.contracts.fields import TimeMs
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import Collection, Record, WritableState
from xinlian.modules.members.errors import NotInRole, RoleHeld, RoleNotHeld, RoleUnknown
from xinlian.modules.members.events import RoleGiven, RoleWithdrawn
from xinlian.modules.members.types import MODULE_NO
from xinlian.primitives import ID_BYTES

ROLES_VERSION: Final = 1
"""Of the list below."""
ROLE_BYTES: Final = 2


class OfficialRole(enum.IntEnum):
    """What an organisation may be for the consortium."""

    COURT = 1
    """Court or arbitration body: freezes, lifts, resolves disputes (JUD)."""
    REGISTER = 2
    """Gateway to the public register of movable security, 中登网 (REG)."""
    AGGREGATOR = 3
    """Collects data on certificates for the whole market (AGG)."""
    PLATFORM = 4
    """Information service institution of supply-chain finance (PLT)."""
    REGULATOR = 5
    """Supervisory authority: reads under a case, has no veto."""
    CREDIT_AUTHORITY = 6
    """Keeper of the public credit reporting system."""
    FROZEN_MONEY_KEEPER = 7
    """Licensed keeper of the account into which held payments go."""
    TRUST_REGISTER = 8
    """Registers trust products and shares."""
    CERTIFICATE_AUTHORITY = 9
    """Licensed issuer of electronic certificates."""
    TIME_STAMP_AUTHORITY = 10
    """Issues trusted time stamps that anchor heads."""

    @property
    def text(self) -> str:
        """The name by which messages, genesis files and lists know it."""
        return self.name.lower()


ROLE_NAMES: Final = {role.text: role for role in OfficialRole}


class RoleRecord(Record, frozen=True):
    """Since when a party holds a role, and until when it held it."""

    given_at_ms: TimeMs
    withdrawn_at_ms: TimeMs
    """0 while it is held."""

    @property
    def is_held(self) -> bool:
        """True until it is withdrawn."""
        return not self.withdrawn_at_ms


OFFICIAL_ROLES: Final = Collection(MODULE_NO, 12, RoleRecord, (ROLE_BYTES, ID_BYTES))


def role_named(name: str) -> OfficialRole:
    """Return the role of a name; raises RoleUnknown."""
    role = ROLE_NAMES.get(name)
    if role is None:
        raise RoleUnknown(f"one of {', '.join(ROLE_NAMES)}")
    return role


def role_part(role: OfficialRole) -> bytes:
    """Return the key part of a role."""
    return role.to_bytes(ROLE_BYTES, "big")


def has_role(state: StateView, party: bytes, role: OfficialRole) -> bool:
    """Return whether a party holds a role now."""
    record = OFFICIAL_ROLES.get(state, role_part(role), party)
    return record is not None and record.is_held


def require_role(state: StateView, party: bytes, *roles: OfficialRole) -> None:
    """Refuse a party that holds none of the roles now; raises NotInRole."""
    if not any(has_role(state, party, role) for role in roles):
        raise NotInRole(" or ".join(role.text for role in roles))


def holders_of(state: StateView, role: OfficialRole) -> list[bytes]:
    """Return the parties that hold a role now, ascending."""
    wanted = role_part(role)
    return [
        party
        for (part, party), record in OFFICIAL_ROLES.scan(state)
        if part == wanted and record.is_held
    ]


def check_role_free(state: StateView, party: bytes, role: OfficialRole) -> None:
    """Refuse to give a role that is held already; raises RoleHeld."""
    if has_role(state, party, role):
        raise RoleHeld(role.text)


def check_role_held(state: StateView, party: bytes, role: OfficialRole) -> None:
    """Refuse to withdraw a role that is not held; raises RoleNotHeld."""
    if not has_role(state, party, role):
        raise RoleNotHeld(role.text)


def write_role(state: WritableState, party: bytes, role: OfficialRole, time_ms: int) -> None:
    """Write that a party holds a role from a moment on; the caller checked who decided it."""
    OFFICIAL_ROLES.put(state, RoleRecord(time_ms, 0), role_part(role), party)


def give_role(context: Context, party: bytes, role: OfficialRole) -> None:
    """Give a role from now on; the caller checked who decided it.  Raises RoleHeld."""
    check_role_free(context.state, party, role)
    write_role(context.state, party, role, context.time_ms)
    context.emit(RoleGiven(party, role))


def withdraw_role(context: Context, party: bytes, role: OfficialRole) -> None:
    """End a role now; the caller checked who decided it.  Raises RoleNotHeld."""
    check_role_held(context.state, party, role)
    record = OFFICIAL_ROLES.require(context.state, role_part(role), party)
    ended = RoleRecord(record.given_at_ms, context.time_ms)
    OFFICIAL_ROLES.put(context.state, ended, role_part(role), party)
    context.emit(RoleWithdrawn(party, role))
