"""The demonstration's consortium: who takes part, with which keys and mandates.

::

    core       member         buys, promises to pay (obligor)       mirrored account
    bank       member         finances, sponsors the suppliers      mirrored account
    settle     member         keeps the money (settlement bank)
    supplier1  participant    sells to core, owes supplier2         mirrored account
    supplier2  participant    sells to supplier1                    unmirrored account
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from xinlian.apps.supply_chain.genesis import GenesisLine
from xinlian.client import Organisation
from xinlian.client.genesis_plan import GenesisPlan, PlannedOperator, PlannedParty
from xinlian.client.keyring import PublicRoleKey
from xinlian.ledger.clock import CLOCK_SIMULATED
from xinlian.modules.accounts.genesis import GenesisAccount
from xinlian.modules.members.genesis import GenesisMandate
from xinlian.primitives import AMOUNT_MINOR_MAX

ROLES: Final = ("finance-1", "finance-2", "operations", "verifier")
OPERATOR_ROLE: Final = "operator"
OPERATOR_OF: Final = "bank"
SUPPLIERS: Final = ("supplier1", "supplier2")
SINGLE_SIGNATURE_MINOR: Final = 500_000_00
"""Above this two people sign."""
LINE_MINOR: Final = 10_000_000_00

_PAPERWORK: Final = (
    "documents.RegisterDocument",
    "documents.CountersignDocument",
    "evidence.RecordFact",
    "supply_chain.RegisterInvoice",
)
_VALUE: Final = (
    "accounts.Transfer",
    "accounts.BookEntry",
    "supply_chain.ProposeCertificate",
    "supply_chain.IssueCertificate",
    "supply_chain.AcceptCertificate",
    "supply_chain.DeclineCertificate",
    "supply_chain.WithdrawCertificate",
    "supply_chain.OfferTransfer",
    "supply_chain.AcceptTransfer",
    "supply_chain.RequestFinance",
    "supply_chain.ReleaseLock",
    "supply_chain.Disburse",
    "members.AdmitParticipant",
    "members.RegisterKey",
    "members.RevokeKey",
    "members.SetMandate",
    "members.SuspendParticipant",
    "members.ReinstateParticipant",
)


class CastMember(NamedTuple):
    """A party of the case: its code, name and account number at the settlement bank."""

    uscc: str
    name: str
    account_number: str


def roles_of(party: str) -> tuple[str, ...]:
    """Return the roles for which a party has keys."""
    return (*ROLES, OPERATOR_ROLE) if party == OPERATOR_OF else ROLES


def plan_consortium(
    chain_id: str,
    genesis_time_ms: int,
    cast: Mapping[str, CastMember],
    organisations: Mapping[str, Organisation],
    openings_minor: Mapping[str, int],
) -> GenesisPlan:
    """Return the plan of the demonstration's ledger.

    Args:
        chain_id: begins with ``test-``: its clock is simulated.
        genesis_time_ms: when the ledger begins.
        cast: the parties by their short names.
        organisations: the same with their keys, of which only the public parts are taken.
        openings_minor: what each mirrored account holds at the beginning.
    """
    bank, settle = cast["bank"], cast["settle"]
    return GenesisPlan(
        chain_id=chain_id,
        clock=CLOCK_SIMULATED,
        genesis_time_ms=genesis_time_ms,
        operators=(PlannedOperator(cast[OPERATOR_OF].uscc, OPERATOR_ROLE),),
        parties=tuple(
            _party(name, member, organisations[name], bank.uscc) for name, member in cast.items()
        ),
        accounts=tuple(
            GenesisAccount(
                bank_uscc=settle.uscc,
                owner_uscc=cast[name].uscc,
                account_number=cast[name].account_number,
                mirrored=name != "supplier2",
                opening_minor=str(openings_minor.get(name, 0)),
            )
            for name in cast
            if name != "settle"
        ),
        lines=(GenesisLine(cast["core"].uscc, str(LINE_MINOR)),),
        calendar_years=(2026,),
    )


def _party(
    name: str,
    member: CastMember,
    organisation: Organisation,
    sponsor_uscc: str,
) -> PlannedParty:
    is_participant = name in SUPPLIERS
    return PlannedParty(
        kind="participant" if is_participant else "member",
        uscc=member.uscc,
        name=member.name,
        keys=tuple(
            PublicRoleKey(role, key.suite, key.public_key.hex())
            for role, key in organisation.keys.items()
        ),
        mandates=_mandates(name),
        sponsor_uscc=sponsor_uscc if is_participant else "",
    )


def _mandates(party: str) -> tuple[GenesisMandate, ...]:
    finance = ("finance-1", "finance-2")
    unlimited = str(AMOUNT_MINOR_MAX)
    mandates = (
        GenesisMandate(_PAPERWORK, ("operations",), 1, unlimited),
        GenesisMandate(_VALUE, finance, 1, str(SINGLE_SIGNATURE_MINOR)),
        GenesisMandate(_VALUE, finance, 2, unlimited),
        GenesisMandate(("evidence.SubmitVerdict",), ("verifier",), 1, unlimited),
    )
    if party != OPERATOR_OF:
        return mandates
    clock = ("schedule.AdvanceClock", "schedule.ConfirmClock")
    return (*mandates, GenesisMandate(clock, (OPERATOR_ROLE,), 1, "0"))
