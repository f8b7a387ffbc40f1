"""What may be asked: every list and every single row, by a reader.

Rules this file keeps:
 1. Deny by default: every question joins ``readers``; without a right there is no row, and no
    answer tells an unknown object from one that may not be read.
 2. Open to everybody are blocks alone.
 3. An answer is read in one transaction and carries the height it was read at.
 4. Lists are ordered by where their rows arose and go on behind a cursor.
"""

from collections.abc import Mapping
from typing import Final

from xinlian.readmodels import lists, rows
from xinlian.readmodels.books.queries import Books
from xinlian.readmodels.cursors import CursorKey
from xinlian.readmodels.database import Database
from xinlian.readmodels.lists import RowList, find, page
from xinlian.readmodels.reading import Reading, open_reading
from xinlian.readmodels.rows import Found, Page, RowT
from xinlian.readmodels.statements import balance_page, read_statement

LIMIT_DEFAULT: Final = 50


class Queries:
    """Every question to a projected database; ``reader`` is the 20-byte id of a party."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.books = Books(database)

    def blocks(
        self,
        *,
        newest_first: bool = False,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.BlockRow]:
        """Return blocks, open to everybody; raises ReadRefused."""
        return self._page(lists.BLOCKS, None, cursor, limit, {}, newest_first=newest_first)

    def block(self, height: int) -> Found[rows.BlockRow] | None:
        """Return the block of a height, open to everybody, or None."""
        return self._find(lists.BLOCKS, None, height)

    def parties(
        self,
        reader: bytes,
        *,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.PartyRow]:
        """Return the entries of the directory that the reader may see; raises ReadRefused."""
        return self._page(lists.PARTIES, reader, cursor, limit, {})

    def party(self, reader: bytes, party_id: str) -> Found[rows.PartyRow] | None:
        """Return an entry of the directory, or None."""
        return self._find(lists.PARTIES, reader, party_id)

    def keys(
        self,
        reader: bytes,
        *,
        party_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.KeyRow]:
        """Return role keys, of one party or of all that the reader may see."""
        return self._page(lists.KEYS, reader, cursor, limit, {"party_id": party_id})

    def proposals(
        self,
        reader: bytes,
        *,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.ProposalRow]:
        """Return proposals of governance, to members."""
        return self._page(lists.PROPOSALS, reader, cursor, limit, {"status": status})

    def proposal(self, reader: bytes, proposal_id: str) -> Found[rows.ProposalRow] | None:
        """Return a proposal, or None."""
        return self._find(lists.PROPOSALS, reader, proposal_id)

    def votes(
        self,
        reader: bytes,
        proposal_id: str,
        *,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.VoteRow]:
        """Return the votes on a proposal, to members."""
        return self._page(lists.VOTES, reader, cursor, limit, {"proposal_id": proposal_id})

    def policy(
        self,
        reader: bytes,
        *,
        name: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.PolicyVersionRow]:
        """Return the dated values of the policy rows, to members."""
        return self._page(lists.POLICY, reader, cursor, limit, {"name": name})

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
        from_height: int = 0,
        to_height: int | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> rows.Statement | None:
        """Return the postings of an account in a range of heights, or None.

        The opening balance is that before ``from_height``, the closing one that after
        ``to_height``, by default the last height.

        Raises:
            HeightUnknown: the range is empty, or was not projected yet.
        """
        with open_reading(self._database, reader) as reading:
            account = find(reading, lists.ACCOUNTS, account_id)
            if account is None:
                return None
            last = reading.height if to_height is None else to_height
            return read_statement(reading, account, (from_height, last), cursor, limit)

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

    def documents(
        self,
        reader: bytes,
        *,
        schema: str | None = None,
        owner: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.DocumentRow]:
        """Return registered documents."""
        wanted = {"schema": schema, "owner": owner}
        return self._page(lists.DOCUMENTS, reader, cursor, limit, wanted)

    def document(self, reader: bytes, root: str) -> Found[rows.DocumentRow] | None:
        """Return a registered document, or None."""
        return self._find(lists.DOCUMENTS, reader, root)

    def facts(
        self,
        reader: bytes,
        *,
        subject: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.FactRow]:
        """Return graded facts, about one subject or all."""
        return self._page(lists.FACTS, reader, cursor, limit, {"subject": subject})

    def verdicts(
        self,
        reader: bytes,
        *,
        subject: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.VerdictRow]:
        """Return the latest verdicts, about one subject or all."""
        return self._page(lists.VERDICTS, reader, cursor, limit, {"subject": subject})

    def invoices(
        self,
        reader: bytes,
        *,
        seller: str | None = None,
        buyer: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.InvoiceRow]:
        """Return registered invoices."""
        wanted = {"seller": seller, "buyer": buyer}
        return self._page(lists.INVOICES, reader, cursor, limit, wanted)

    def invoice(self, reader: bytes, root: str) -> Found[rows.InvoiceRow] | None:
        """Return a registered invoice, or None."""
        return self._find(lists.INVOICES, reader, root)

    def certificates(
        self,
        reader: bytes,
        *,
        life: str | None = None,
        role: str | None = None,
        invoice_root: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.CertificateRow]:
        """Return certificates; ``role`` is what the reader is to them: see CERTIFICATE_ROLES."""
        wanted = {"life": life, "invoice_root": invoice_root}
        with open_reading(self._database, reader) as reading:
            roles = lists.certificate_role(reading, role)
            return page(reading, lists.CERTIFICATES, cursor, limit, wanted, *roles)

    def certificate(self, reader: bytes, certificate_id: str) -> Found[rows.CertificateRow] | None:
        """Return a certificate, or None."""
        return self._find(lists.CERTIFICATES, reader, certificate_id)

    def leaves(
        self,
        reader: bytes,
        *,
        certificate_id: str | None = None,
        holder: str | None = None,
        life: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.LeafRow]:
        """Return leaves, of one certificate or of all."""
        wanted = {"certificate_id": certificate_id, "holder": holder, "life": life}
        return self._page(lists.LEAVES, reader, cursor, limit, wanted)

    def leaf(self, reader: bytes, leaf_id: str) -> Found[rows.LeafRow] | None:
        """Return a leaf, or None."""
        return self._find(lists.LEAVES, reader, leaf_id)

    def leaf_path(self, reader: bytes, leaf_id: str) -> rows.LeafPath | None:
        """Return a leaf with all its ancestors and its certificate, or None."""
        with open_reading(self._database, reader) as reading:
            leaf = find(reading, lists.LEAVES, leaf_id)
            if leaf is None:
                return None
            certificate = find(reading, lists.CERTIFICATES, leaf.certificate_id)
            if certificate is None:
                return None
            return rows.LeafPath(
                leaves=_ancestry(reading, leaf),
                certificate=certificate,
                contract_root=certificate.contract_root,
                invoice_root=certificate.invoice_root,
                height=reading.height,
                time_ms=reading.time_ms,
            )

    def encumbrances(
        self,
        reader: bytes,
        *,
        certificate_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.EncumbranceRow]:
        """Return assignments to financiers."""
        wanted = {"certificate_id": certificate_id}
        return self._page(lists.ENCUMBRANCES, reader, cursor, limit, wanted)

    def encumbrance(self, reader: bytes, leaf_id: str) -> Found[rows.EncumbranceRow] | None:
        """Return the assignment of a leaf, or None."""
        return self._find(lists.ENCUMBRANCES, reader, leaf_id)

    def transfer_offers(
        self,
        reader: bytes,
        *,
        leaf_id: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.OfferRow]:
        """Return offers to transfer leaves."""
        return self._page(
            lists.OFFERS, reader, cursor, limit, {"leaf_id": leaf_id, "status": status}
        )

    def payment_orders(
        self,
        reader: bytes,
        *,
        certificate_id: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.PaymentOrderRow]:
        """Return orders to settlement banks."""
        wanted = {"certificate_id": certificate_id, "status": status}
        return self._page(lists.PAYMENT_ORDERS, reader, cursor, limit, wanted)

    def payment_order(self, reader: bytes, order_id: str) -> Found[rows.PaymentOrderRow] | None:
        """Return an order to a settlement bank, or None."""
        return self._find(lists.PAYMENT_ORDERS, reader, order_id)

    def obligations(
        self,
        reader: bytes,
        *,
        debtor: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.ObligationRow]:
        """Return promises to pay."""
        wanted = {"debtor": debtor, "status": status}
        return self._page(lists.OBLIGATIONS, reader, cursor, limit, wanted)

    def obligation(self, reader: bytes, obligation_id: str) -> Found[rows.ObligationRow] | None:
        """Return a promise to pay, or None."""
        return self._find(lists.OBLIGATIONS, reader, obligation_id)

    def late_interest(
        self,
        reader: bytes,
        *,
        certificate_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.LateInterestRow]:
        """Return what obligations of late interest are for."""
        wanted = {"certificate_id": certificate_id}
        return self._page(lists.LATE_INTEREST, reader, cursor, limit, wanted)

    def issue_lines(
        self,
        reader: bytes,
        *,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.IssueLineRow]:
        """Return issue lines with their stop flags, to their obligors."""
        return self._page(lists.ISSUE_LINES, reader, cursor, limit, {})

    def transactions(
        self,
        reader: bytes,
        *,
        payer: str | None = None,
        newest_first: bool = False,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.TransactionRow]:
        """Return transactions that the reader paid for or that acted for it."""
        wanted = {"payer": payer}
        return self._page(
            lists.TRANSACTIONS, reader, cursor, limit, wanted, newest_first=newest_first
        )

    def transaction(self, reader: bytes, transaction_id: str) -> Found[rows.TransactionRow] | None:
        """Return a transaction, or None."""
        return self._find(lists.TRANSACTIONS, reader, transaction_id)

    def messages(
        self,
        reader: bytes,
        transaction_id: str,
        *,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.MessageRow]:
        """Return the calls of a transaction, in their order."""
        wanted = {"transaction_id": transaction_id}
        return self._page(lists.MESSAGES, reader, cursor, limit, wanted)

    def events(
        self,
        reader: bytes,
        *,
        after: tuple[int, int] | None = None,
        object_kind: str | None = None,
        object_id: str | None = None,
        transaction_id: str | None = None,
        cursor: str | None = None,
        limit: int = LIMIT_DEFAULT,
    ) -> Page[rows.EventRow]:
        """Return events behind a position (height, position in the block), or behind a cursor.

        A stream resumes behind the last position it saw.  A right that is given later opens the
        past of its object to lists, not to a stream that has gone by.
        """
        wanted = {
            "object_kind": object_kind,
            "object_id": object_id,
            "transaction_id": transaction_id,
        }
        return self._page(lists.EVENTS, reader, cursor, limit, wanted, after=after)

    def _page(
        self,
        of: RowList[RowT],
        reader: bytes | None,
        cursor: str | None,
        limit: int,
        wanted: Mapping[str, str | None],
        *,
        newest_first: bool = False,
        after: CursorKey | None = None,
    ) -> Page[RowT]:
        with open_reading(self._database, reader) as reading:
            return page(reading, of, cursor, limit, wanted, newest_first=newest_first, after=after)

    def _find(
        self,
        of: RowList[RowT],
        reader: bytes | None,
        object_id: str | int,
    ) -> Found[RowT] | None:
        with open_reading(self._database, reader) as reading:
            row = find(reading, of, object_id)
            if row is None:
                return None
            return Found(row=row, height=reading.height, time_ms=reading.time_ms)


def _ancestry(reading: Reading, leaf: rows.LeafRow) -> tuple[rows.LeafRow, ...]:
    """Return a leaf and its ancestors that the reader may read, the leaf first."""
    path = [leaf]
    while path[-1].parent:
        parent = find(reading, lists.LEAVES, path[-1].parent)
        if parent is None:
            break
        path.append(parent)
    return tuple(path)
