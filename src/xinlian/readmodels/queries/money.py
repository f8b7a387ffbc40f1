"""Questions about value: accounts, their past, what moves, what banks said."""

from xinlian.readmodels import lists, rows
from xinlian.readmodels.paging import find
from xinlian.readmodels.queries.asking import LIMIT_DEFAULT, Asking
from xinlian.readmodels.reading import open_reading
from xinlian.readmodels.rows import Found, Page
from xinlian.readmodels.statements import Asked, balance_page, read_statement


class MoneyQueries(Asking):
    """Questions about value: accounts, their past, what moves, what banks said."""

    def accounts(
        self,
        reader: bytes,
        *,
        owner: str | None = None,
        asset_kind: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.AccountRow]:
        """Return accounts with their balances; ``asset_kind`` is deposit, claim or interest."""
        wanted = {"owner": owner, "asset_kind": asset_kind}
        return self._page(lists.ACCOUNTS, reader, cursor, limit, wanted)

    def account(self, reader: bytes, account_id: str) -> Found[rows.AccountRow] | None:
        """Return an account with its balance, or None."""
        return self._find(lists.ACCOUNTS, reader, account_id)

    def balances(
        self,
        reader: bytes,
        as_of_height: int,
        *,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.BalanceRow]:
        """Return what was on each account that existed after a past height.

        Raises:
            HeightUnknown: it was not projected yet, or is negative.
        """
        with open_reading(self._database, reader) as reading:
            return balance_page(reading, as_of_height, cursor, limit)

    def statement(
        self,
        reader: bytes,
        account_id: str,
        *,
        from_height: int | None = None,
        to_height: int | None = None,
        period: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> rows.Statement | None:
        """Return the postings of an account in a range of heights, or None.

        The opening balance is that before ``from_height``, by default the first height whose block
        is here; the closing one that after ``to_height``, by default the last height.  A period, a
        month or a quarter, stands in place of heights.

        Raises:
            HeightUnknown: the range is empty, or was not projected yet.
            HistoryMissing: the period was over before the first block here.
            PeriodUnknown: it is none, or stands beside heights.
        """
        with open_reading(self._database, reader) as reading:
            account = find(reading, lists.ACCOUNTS, account_id)
            if account is None:
                return None
            asked = Asked(from_height, to_height, period)
            return read_statement(reading, account, asked, cursor, limit)

    def transfers(
        self,
        reader: bytes,
        *,
        asset_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.TransferRow]:
        """Return movements of value on accounts of the reader or in its books."""
        return self._page(lists.TRANSFERS, reader, cursor, limit, {"asset_id": asset_id})

    def reservations(
        self,
        reader: bytes,
        *,
        account_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.ReservationRow]:
        """Return what was set aside on accounts, and what is left of it."""
        return self._page(lists.RESERVATIONS, reader, cursor, limit, {"account_id": account_id})

    def bank_accounts(
        self,
        reader: bytes,
        *,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.BankAccountRow]:
        """Return accounts at banks, by their commitments."""
        return self._page(lists.BANK_ACCOUNTS, reader, cursor, limit, {})

    def bank_entries(
        self,
        reader: bytes,
        *,
        bank_account: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.BankEntryRow]:
        """Return entries of banks' books."""
        wanted = {"bank_account": bank_account}
        return self._page(lists.BANK_ENTRIES, reader, cursor, limit, wanted)
