"""Balances, reservations and bank entries equal the state's; transfers add up to them."""

from collections import defaultdict

from xinlian.modules.accounts.types import (
    ACCOUNTS,
    ASSETS,
    BANK_ENTRIES,
    DIFFERENCES,
    PENDING,
    PERIODS,
    RESERVATIONS,
    STATEMENTS,
    AccountClass,
    PendingStatus,
    bank_entry_id,
)
from xinlian.primitives import format_id
from xinlian.readmodels.rows import (
    AccountRow,
    AssetRow,
    BankEntryRow,
    BankStatementRow,
    LegRow,
    PendingTransferRow,
    PeriodCloseRow,
    ReservationRow,
    TransferRow,
)


def test_accounts_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            (
                format_id("account", account_id),
                format_id("party", account.owner),
                format_id("asset", account.asset),
                ASSETS.require(state, account.asset).kind,
                AccountClass(account.account_class).name.lower(),
                account.number,
                account.mirrored,
                account.bank_account.hex(),
                account.balance_minor,
                account.reserved_minor,
                account.available_minor,
            )
            for (account_id,), account in ACCOUNTS.scan(state)
        )
    assert [
        (
            row.account_id,
            row.owner,
            row.asset_id,
            row.asset_kind,
            row.account_class,
            row.number,
            row.mirrored,
            row.bank_account,
            row.balance_minor,
            row.reserved_minor,
            row.available_minor,
        )
        for row in projected.rows(AccountRow)
    ] == expected


def test_assets_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            (format_id("asset", asset_id), asset.kind, asset.currency, asset.scale)
            for (asset_id,), asset in ASSETS.scan(state)
        )
    assert [
        (row.asset_id, row.kind, row.currency, row.scale) for row in projected.rows(AssetRow)
    ] == expected


def test_each_posting_carries_the_balance_after_it(projected):
    balances = {row.account_id: row.opening_minor for row in projected.rows(AccountRow)}
    postings = sorted(projected.rows(LegRow), key=lambda row: (row.height, row.position))
    for posting in postings:
        sign = 1 if posting.is_debit else -1
        balances[posting.account_id] += sign * posting.amount_minor
        assert posting.balance_minor == balances[posting.account_id]
    assert balances == {row.account_id: row.balance_minor for row in projected.rows(AccountRow)}


def test_every_transfer_has_two_postings_of_its_amount(projected):
    legs = defaultdict(list)
    for posting in projected.rows(LegRow):
        legs[(posting.height, posting.position)].append(posting)
    transfers = projected.rows(TransferRow)
    assert len(legs) == len(transfers) > 5
    for transfer in transfers:
        credit, debit = sorted(
            legs[(transfer.height, transfer.position)], key=lambda leg: leg.is_debit
        )
        assert (debit.is_debit, credit.is_debit) == (True, False)
        assert debit.account_id == transfer.debit_account
        assert credit.account_id == transfer.credit_account
        assert debit.amount_minor == credit.amount_minor == transfer.amount_minor


def test_balances_of_an_asset_sum_to_zero(projected):
    sums: dict[str, int] = defaultdict(int)
    for row in projected.rows(AccountRow):
        sums[row.asset_id] += row.balance_minor
    assert set(sums.values()) == {0}


def test_what_is_left_of_reservations_equals_the_state(projected):
    with projected.told.state() as state:
        expected = {
            (parts[0].hex(), format_id("account", found.account), found.left_minor)
            for parts, found in RESERVATIONS.scan(state)
        }
    rows = projected.rows(ReservationRow)
    assert rows
    assert len([row for row in rows if row.left_minor]) == len(expected)
    assert all(row.left_minor >= 0 for row in rows)


def test_money_set_aside_for_a_bank_is_shown_until_its_order_ends(late):
    """The first order expired, the second was executed; both were reserved under their ids."""
    for name in ("order", "expired_order"):
        found = [
            row
            for row in late.rows(ReservationRow)
            if row.reservation_id == late.told.text("order", name)
        ]
        assert [row.left_minor for row in found] == [0]


def test_bank_entries_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            (
                bank_entry_id(bank, identity).hex(),
                format_id("party", entry.bank),
                format_id("account", entry.account) if entry.account else "",
                entry.bank_account.hex(),
                entry.amount_minor,
                entry.is_credit,
                entry.value_day,
                format_id("order", entry.end_to_end_id) if entry.end_to_end_id else "",
                entry.document_root.hex(),
            )
            for (bank, identity), entry in BANK_ENTRIES.scan(state)
        )
    assert expected
    assert [
        (
            row.identity,
            row.bank,
            row.account_id,
            row.bank_account,
            row.amount_minor,
            row.is_credit,
            row.value_day,
            row.end_to_end_id,
            row.document_root,
        )
        for row in projected.rows(BankEntryRow)
    ] == expected


def test_an_entry_on_an_unmirrored_account_names_its_owner(paid):
    bank = paid.told.consortium["settle"].party
    identity = bank_entry_id(bank, paid.told.ids["entry"]).hex()
    (entry,) = [row for row in paid.rows(BankEntryRow) if row.identity == identity]
    assert (entry.owner, entry.account_id) == (paid.told.party_text("supplier2"), "")


def test_no_transfer_is_for_an_unknown_purpose(projected):
    for row in projected.rows(TransferRow):
        assert row.purpose.partition("_")[0] in (
            "leaf",
            "account",
            "obligation",
            "pending",
            "transfer",
        )
        assert row.reservation.partition("_")[0] in ("", "cert", "order", "pending")


def test_pending_transfers_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            (
                format_id("pending", pending_id),
                format_id("account", pending.from_account),
                format_id("account", pending.to_account),
                format_id("party", pending.settler),
                pending.amount_minor,
                pending.posted_minor,
                pending.expires_at_ms,
                PendingStatus(pending.status).name.lower(),
            )
            for (pending_id,), pending in PENDING.scan(state)
        )
    assert [
        (
            row.pending_id,
            row.from_account,
            row.to_account,
            row.settler,
            row.amount_minor,
            row.posted_minor,
            row.expires_at_ms,
            row.status,
        )
        for row in projected.rows(PendingTransferRow)
    ] == expected


def test_statements_and_closings_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        latest = {
            format_id("account", account): (found.statement_day, found.closing_minor)
            for (account,), found in STATEMENTS.scan(state)
        }
        differing = [format_id("account", account) for (_, account), _ in DIFFERENCES.scan(state)]
        closed = [
            (
                format_id("party", party),
                int.from_bytes(period, "big"),
                found.as_of_height,
                found.trial_balance_hash.hex(),
            )
            for (party, period), found in PERIODS.scan(state)
        ]
    rows = projected.rows(BankStatementRow)
    assert {row.account_id: (row.statement_day, row.closing_minor) for row in rows} == latest
    assert [row.account_id for row in rows if row.differs] == differing
    assert [
        (row.party_id, row.period, row.as_of_height, row.trial_balance_hash)
        for row in projected.rows(PeriodCloseRow)
    ] == closed
