"""The assets, accounts and opening entries of the genesis file.

Rules this file keeps:
 1. Deposit money exists only against a bank's opening entry: the issue account gives it.
 2. A bank account is mirrored by one ledger account, or by none.
"""

import msgspec

from xinlian.ledger.genesis import GenesisInvalid, amount_minor_of
from xinlian.ledger.records import WritableState
from xinlian.modules.accounts.keeper import create_asset, new_account, set_bounds
from xinlian.modules.accounts.types import (
    ACCOUNTS,
    BANK_ROUTES,
    CNY_SCALE,
    AccountClass,
    AssetKind,
    BankRoute,
    account_id,
    bank_account_commitment,
)
from xinlian.modules.members.types import PARTIES, organisation_id
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.primitives.currencies import meant_by


class GenesisAccount(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account at a bank; mirrored ones may open with money."""

    bank_uscc: str
    owner_uscc: str
    account_number: str
    mirrored: bool
    currency: str = "CNY"
    opening_minor: str = "0"
    lower_minor: str = "0"
    """What is kept on a mirrored account at least."""
    upper_minor: str = ""
    """What a mirrored account holds at most; empty for no bound."""


class AccountsSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The section ``accounts``."""

    accounts: tuple[GenesisAccount, ...]


def load(state: WritableState, accounts: AccountsSection, chain_id: str) -> None:
    """Write deposit assets, issue accounts, mirrored accounts and routes."""
    for entry in accounts.accounts:
        bank = organisation_id(chain_id, entry.bank_uscc)
        owner = organisation_id(chain_id, entry.owner_uscc)
        if PARTIES.get(state, bank) is None or PARTIES.get(state, owner) is None:
            raise GenesisInvalid(f"account {entry.account_number}: unknown bank or owner")
        if meant := meant_by(entry.currency):
            raise GenesisInvalid(
                f"account {entry.account_number}: {entry.currency} is no code, write {meant}",
            )
        commitment = bank_account_commitment(bank, entry.account_number)
        if BANK_ROUTES.get(state, commitment) is not None:
            raise GenesisInvalid(f"account {entry.account_number} is listed twice")
        mirror = _open_mirror(state, entry, bank, owner, commitment) if entry.mirrored else b""
        if mirror:
            _set_bounds(state, entry, mirror)
        BANK_ROUTES.put(state, BankRoute(owner, bank, mirror), commitment)


def _open_mirror(
    state: WritableState,
    entry: GenesisAccount,
    bank: bytes,
    owner: bytes,
    commitment: bytes,
) -> bytes:
    asset = create_asset(state, AssetKind.DEPOSIT, bank, entry.currency, CNY_SCALE)
    issue_id = account_id(bank, asset)
    issue = ACCOUNTS.get(state, issue_id) or new_account(bank, asset, AccountClass.ISSUE)
    mirror_id = account_id(owner, asset, 1)
    if ACCOUNTS.get(state, mirror_id) is not None:
        raise GenesisInvalid(f"{entry.owner_uscc} has two mirrored accounts at one bank")
    opening_minor = amount_minor_of(entry.opening_minor, f"account {entry.account_number}")
    if opening_minor > AMOUNT_MINOR_MAX - issue.credits_minor:
        raise GenesisInvalid(f"account {entry.account_number}: opening amount out of range")
    mirror = new_account(
        owner,
        asset,
        AccountClass.HOLDER,
        number=1,
        mirrored=True,
        bank_account=commitment,
    )
    credits_minor = issue.credits_minor + opening_minor
    ACCOUNTS.put(state, msgspec.structs.replace(issue, credits_minor=credits_minor), issue_id)
    ACCOUNTS.put(state, msgspec.structs.replace(mirror, debits_minor=opening_minor), mirror_id)
    return mirror_id


def _set_bounds(state: WritableState, entry: GenesisAccount, account: bytes) -> None:
    name = f"account {entry.account_number}"
    lower_minor = amount_minor_of(entry.lower_minor, name)
    upper_minor = amount_minor_of(entry.upper_minor or str(AMOUNT_MINOR_MAX), name)
    if lower_minor > upper_minor:
        raise GenesisInvalid(f"{name}: its lower bound is above its upper bound")
    set_bounds(state, account, lower_minor, upper_minor)
