"""The members of the genesis file.

Rules this file keeps:
 1. A unified social credit code has its check digit; a participant names its sponsor's code.
 2. An official role stands once with its party, by its name.
 3. A mandate names roles of the same party and message types by their public names.
"""

from collections.abc import Mapping

import msgspec

from xinlian.ledger.genesis import GenesisInvalid, amount_minor_of
from xinlian.ledger.records import WritableState
from xinlian.modules.members.errors import KeyExists, KeyInvalid, RoleUnknown, TooManyMembers
from xinlian.modules.members.keeper import write_key
from xinlian.modules.members.membership import add_elector, count_sponsored
from xinlian.modules.members.roles import has_role, role_named, write_role
from xinlian.modules.members.types import (
    MANDATES,
    PARTIES,
    Key,
    KeyStatus,
    MandateRule,
    Mandates,
    Party,
    PartyKind,
    PartyStatus,
    message_type_part,
    organisation_id,
)
from xinlian.modules.members.uscc import is_valid_uscc

_KINDS = {"member": PartyKind.MEMBER, "participant": PartyKind.PARTICIPANT}


class GenesisKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A role key; ``public_key`` is hexadecimal."""

    role: str
    suite: str
    public_key: str


class GenesisMandate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any ``threshold`` keys of ``roles`` may send ``messages`` up to ``cap_minor`` each.

    ``daily_cap_minor`` bounds their sum a China day, for each message type; ``"0"`` does not.
    """

    messages: tuple[str, ...]
    roles: tuple[str, ...]
    threshold: int
    cap_minor: str
    expires_at_ms: int = 0
    daily_cap_minor: str = "0"


class GenesisParty(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An organisation."""

    kind: str
    uscc: str
    name: str
    keys: tuple[GenesisKey, ...]
    mandates: tuple[GenesisMandate, ...]
    sponsor_uscc: str = ""
    suspended: bool = False
    official_roles: tuple[str, ...] = ()
    """What it is for the consortium from the beginning, by the names of ``roles.py``."""


class MembersSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section ``members``."""

    parties: tuple[GenesisParty, ...]


def load(
    state: WritableState,
    members: MembersSection,
    chain_id: str,
    genesis_time_ms: int,
    message_numbers: Mapping[str, int],
) -> None:
    """Write all parties, their keys and mandates; raises GenesisInvalid."""
    for party in members.parties:
        _check_party(party)
        party_id = organisation_id(chain_id, party.uscc)
        if PARTIES.get(state, party_id) is not None:
            raise GenesisInvalid(f"{party.uscc} is listed twice")
        sponsor = organisation_id(chain_id, party.sponsor_uscc) if party.sponsor_uscc else b""
        status = PartyStatus.SUSPENDED if party.suspended else PartyStatus.ACTIVE
        PARTIES.put(
            state,
            Party(
                kind=_KINDS[party.kind],
                status=status,
                sponsor=sponsor,
                admitted_at_ms=genesis_time_ms,
                uscc=party.uscc,
                name=party.name,
            ),
            party_id,
        )
        if party.kind == "member":
            _add_member(state, party_id, genesis_time_ms)
        else:
            count_sponsored(state, sponsor, 1)
        _load_official_roles(state, party, party_id, genesis_time_ms)
        roles = _load_keys(state, party, party_id, genesis_time_ms)
        _load_mandates(state, party, party_id, roles, message_numbers)
    for party in members.parties:
        _check_sponsor(state, party, chain_id)


def _add_member(state: WritableState, party_id: bytes, genesis_time_ms: int) -> None:
    try:
        add_elector(state, party_id, genesis_time_ms)
    except TooManyMembers as error:
        raise GenesisInvalid(f"too many members: {error}") from None


def _load_official_roles(
    state: WritableState,
    party: GenesisParty,
    party_id: bytes,
    genesis_time_ms: int,
) -> None:
    for name in party.official_roles:
        try:
            role = role_named(name)
        except RoleUnknown as error:
            raise GenesisInvalid(f"{party.uscc}: official role {name!r}: {error}") from None
        if has_role(state, party_id, role):
            raise GenesisInvalid(f"{party.uscc}: official role {name} stands twice")
        write_role(state, party_id, role, genesis_time_ms)


def _check_party(party: GenesisParty) -> None:
    if party.kind not in _KINDS:
        raise GenesisInvalid(f"{party.kind!r} is not a kind of party at genesis")
    if not is_valid_uscc(party.uscc):
        raise GenesisInvalid(f"{party.uscc} has a wrong check digit")
    if (party.kind == "participant") != bool(party.sponsor_uscc):
        raise GenesisInvalid(f"{party.uscc}: a participant, and only one, names its sponsor")


def _check_sponsor(state: WritableState, party: GenesisParty, chain_id: str) -> None:
    if not party.sponsor_uscc:
        return
    sponsor = PARTIES.get(state, organisation_id(chain_id, party.sponsor_uscc))
    if sponsor is None or sponsor.kind != PartyKind.MEMBER:
        raise GenesisInvalid(f"{party.uscc}: its sponsor {party.sponsor_uscc} is not a member")


def _load_keys(
    state: WritableState,
    party: GenesisParty,
    party_id: bytes,
    genesis_time_ms: int,
) -> dict[str, list[bytes]]:
    roles: dict[str, list[bytes]] = {}
    for entry in party.keys:
        try:
            key = Key(
                party=party_id,
                suite=entry.suite,
                public_key=bytes.fromhex(entry.public_key),
                role=entry.role,
                status=KeyStatus.ACTIVE,
                registered_at_ms=genesis_time_ms,
            )
            key_id = write_key(state, key)
        except (ValueError, KeyInvalid, KeyExists) as error:
            raise GenesisInvalid(f"{party.uscc} key {entry.role}: {error}") from None
        roles.setdefault(entry.role, []).append(key_id)
    return roles


def _load_mandates(
    state: WritableState,
    party: GenesisParty,
    party_id: bytes,
    roles: Mapping[str, list[bytes]],
    message_numbers: Mapping[str, int],
) -> None:
    rules: dict[int, list[MandateRule]] = {}
    for mandate in party.mandates:
        keys = tuple(key_id for role in mandate.roles for key_id in roles.get(role, ()))
        if not 0 < mandate.threshold <= len(keys):
            raise GenesisInvalid(f"{party.uscc}: a mandate's threshold can never be met")
        cap_minor = amount_minor_of(mandate.cap_minor, f"{party.uscc}: cap_minor")
        daily_cap_minor = amount_minor_of(mandate.daily_cap_minor, f"{party.uscc}: daily_cap_minor")
        rule = MandateRule(
            keys, mandate.threshold, cap_minor, mandate.expires_at_ms, daily_cap_minor
        )
        for name in mandate.messages:
            if name not in message_numbers:
                raise GenesisInvalid(f"{party.uscc}: no message is named {name}")
            rules.setdefault(message_numbers[name], []).append(rule)
    for number, type_rules in rules.items():
        MANDATES.put(state, Mandates(tuple(type_rules)), party_id, message_type_part(number))
