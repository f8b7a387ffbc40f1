"""Rows of value: assets, accounts with their balances, transfers, reservations, bank entries.

Rules this file keeps:
 1. A balance changes by postings alone; each posting carries the balance after it.
 2. What is reserved on an account is the sum of what is left of its reservations.
"""

from xinlian.modules.accounts import events
from xinlian.modules.accounts.messages import BookEntry
from xinlian.modules.accounts.types import AccountClass, PendingStatus
from xinlian.primitives import InvariantViolation
from xinlian.readmodels.projection.writer import Cause, Writer
from xinlian.readmodels.rights import grant_transfer
from xinlian.readmodels.rows import (
    AccountRow,
    AssetRow,
    BankAccountRow,
    BankEntryRow,
    BankStatementRow,
    LegRow,
    PendingTransferRow,
    PeriodCloseRow,
    ReservationRow,
    TransferRow,
)
from xinlian.readmodels.subjects import close_id
from xinlian.readmodels.text import enum_text, id_text, object_text, purpose_text


def account_opened(writer: Writer, event: events.AccountOpened, cause: Cause) -> None:
    """An account exists, and its asset if it is the first in it."""
    asset_id = id_text("asset", event.asset)
    issuer = object_text(event.issuer, cause.kinds)
    if writer.get(AssetRow, asset_id) is None:
        writer.add(
            AssetRow(
                **writer.born(),
                asset_id=asset_id,
                kind=event.asset_kind,
                issuer=issuer,
                currency=event.currency,
                scale=event.scale,
            ),
        )
    writer.add(
        AccountRow(
            **writer.born_changing(),
            account_id=id_text("account", event.account),
            owner=id_text("party", event.owner),
            asset_id=asset_id,
            asset_kind=event.asset_kind,
            asset_issuer=issuer,
            currency=event.currency,
            scale=event.scale,
            account_class=enum_text(AccountClass(event.account_class)),
            number=0,
            mirrored=event.mirrored,
            bank_account="",
            opening_minor=0,
            balance_minor=0,
            reserved_minor=0,
        ),
    )


def transfer_posted(writer: Writer, event: events.TransferPosted, cause: Cause) -> TransferRow:
    """Value moved, perhaps out of a reservation; there are more of these than of all else."""
    amount_minor = event.amount_minor
    receiving = writer.require(AccountRow, id_text("account", event.debit_account))
    giving = writer.require(AccountRow, id_text("account", event.credit_account))
    released_minor = amount_minor if event.reservation else 0
    reservation = object_text(event.reservation, cause.kinds)
    writer.move(receiving, amount_minor, 0)
    writer.move(giving, -amount_minor, -released_minor)
    if reservation:
        _take(writer, reservation, amount_minor)
    height, time_ms, position = writer.height, writer.time_ms, cause.position
    transfer = TransferRow(
        height=height,
        time_ms=time_ms,
        position=position,
        transaction_id=cause.transaction_id,
        asset_id=receiving.asset_id,
        debit_account=receiving.account_id,
        debit_owner=receiving.owner,
        credit_account=giving.account_id,
        credit_owner=giving.owner,
        amount_minor=amount_minor,
        purpose=purpose_text(event.purpose, cause.kinds),
        reservation=reservation,
    )
    writer.log(transfer)
    for account, change_minor in ((receiving, amount_minor), (giving, -amount_minor)):
        writer.log(
            LegRow(
                height=height,
                time_ms=time_ms,
                account_id=account.account_id,
                position=position,
                is_debit=change_minor > 0,
                amount_minor=amount_minor,
                balance_minor=account.balance_minor + change_minor,
            ),
        )
    grant_transfer(writer, receiving, giving, position)
    return transfer


def value_reserved(writer: Writer, event: events.ValueReserved, cause: Cause) -> None:
    """Value was set aside on an account."""
    account = writer.require(AccountRow, id_text("account", event.account))
    writer.change(account, reserved_minor=account.reserved_minor + event.amount_minor)
    _set_aside(writer, object_text(event.reservation, cause.kinds), account, event.amount_minor)


def reservation_moved(writer: Writer, event: events.ReservationMoved, cause: Cause) -> None:
    """A part of a reservation is set aside for something of its own."""
    account = writer.require(AccountRow, id_text("account", event.account))
    _take(writer, object_text(event.reservation, cause.kinds), event.amount_minor)
    moved = object_text(event.new_reservation, cause.kinds)
    _set_aside(writer, moved, account, event.amount_minor)


def reservation_released(writer: Writer, event: events.ReservationReleased, cause: Cause) -> None:
    """What was left of a reservation is available again."""
    account = writer.require(AccountRow, id_text("account", event.account))
    writer.change(account, reserved_minor=account.reserved_minor - event.amount_minor)
    _take(writer, object_text(event.reservation, cause.kinds), event.amount_minor)


def bank_entry_accepted(writer: Writer, event: events.BankEntryAccepted, cause: Cause) -> None:
    """A bank fact is on the ledger; which account and document it names is in the message."""
    message = cause.message
    if not isinstance(message, BookEntry):
        raise InvariantViolation("bank_entry_has_its_message", event.identity.hex())
    route = writer.require(BankAccountRow, message.bank_account.hex())
    writer.add(
        BankEntryRow(
            **writer.born(),
            identity=event.identity.hex(),
            bank=id_text("party", event.bank),
            owner=route.owner,
            account_id=id_text("account", event.account),
            bank_account=route.bank_account,
            amount_minor=event.amount_minor,
            is_credit=event.is_credit,
            value_day=event.value_day,
            end_to_end_id=id_text("order", event.end_to_end_id),
            document_root=message.document_root.hex(),
            transaction_id=cause.transaction_id,
        ),
    )


def transfer_pended(writer: Writer, event: events.TransferPended, cause: Cause) -> None:
    """A transfer is pending; what it set aside is a reservation of its own."""
    del cause
    giving = writer.require(AccountRow, id_text("account", event.from_account))
    receiving = writer.require(AccountRow, id_text("account", event.to_account))
    writer.add(
        PendingTransferRow(
            **writer.born_changing(),
            pending_id=id_text("pending", event.pending),
            from_account=giving.account_id,
            to_account=receiving.account_id,
            giver=giving.owner,
            receiver=receiving.owner,
            settler=id_text("party", event.settler),
            amount_minor=event.amount_minor,
            posted_minor=0,
            expires_at_ms=event.expires_at_ms,
            status=enum_text(PendingStatus.PENDING),
        ),
    )


def pending_posted(writer: Writer, event: events.PendingPosted, cause: Cause) -> None:
    """A part of a pending transfer was paid."""
    del cause
    found = writer.require(PendingTransferRow, id_text("pending", event.pending))
    writer.change(found, posted_minor=found.posted_minor + event.amount_minor)


def pending_closed(writer: Writer, event: events.PendingClosed, cause: Cause) -> None:
    """A pending transfer has ended."""
    del cause
    found = writer.require(PendingTransferRow, id_text("pending", event.pending))
    writer.change(found, status=enum_text(PendingStatus(event.status)))


def statement_booked(writer: Writer, event: events.StatementBooked, cause: Cause) -> None:
    """A bank stated a closing balance; a later statement of the same day replaces it."""
    del cause
    account = id_text("account", event.account)
    stated: dict[str, int | bool] = {
        "closing_minor": event.closing_minor,
        "ledger_minor": event.ledger_minor,
        "differs": event.differs,
    }
    found = writer.get(BankStatementRow, account, event.statement_day)
    if found is not None:
        writer.change(found, **stated)
        return
    writer.add(
        BankStatementRow(
            **writer.born_changing(),
            account_id=account,
            statement_day=event.statement_day,
            bank=id_text("party", event.bank),
            closing_minor=event.closing_minor,
            ledger_minor=event.ledger_minor,
            differs=event.differs,
        ),
    )


def difference_resolved(writer: Writer, event: events.DifferenceResolved, cause: Cause) -> None:
    """The ledger has what was stated; earlier statements of the account are settled with it."""
    del cause
    for found in writer.find(BankStatementRow, account_id=id_text("account", event.account)):
        if found.differs:
            writer.change(found, differs=False)


def period_closed(writer: Writer, event: events.PeriodClosed, cause: Cause) -> None:
    """A party gave its word on its books of a month."""
    party = id_text("party", event.party)
    writer.add(
        PeriodCloseRow(
            **writer.born(),
            close_id=close_id(party, event.period),
            party_id=party,
            period=event.period,
            as_of_height=event.as_of_height,
            trial_balance_hash=event.trial_balance_hash.hex(),
            transaction_id=cause.transaction_id,
        ),
    )


def _set_aside(writer: Writer, reservation: str, account: AccountRow, amount_minor: int) -> None:
    """Write a reservation; one that was used up may be made again, for a later payment."""
    found = writer.get(ReservationRow, reservation)
    if found is not None:
        writer.change(found, left_minor=found.left_minor + amount_minor)
        return
    writer.add(
        ReservationRow(
            **writer.born_changing(),
            reservation_id=reservation,
            account_id=account.account_id,
            left_minor=amount_minor,
        ),
    )


def _take(writer: Writer, reservation: str, amount_minor: int) -> None:
    found = writer.require(ReservationRow, reservation)
    writer.change(found, left_minor=found.left_minor - amount_minor)
