"""The same sums drawn another way: from the events in the stored blocks, without SQL or rows."""

from collections import defaultdict
from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Any

import msgspec

from unit.readmodels.stories import Told, genesis_state
from xinlian.apps.supply_chain.events import LeafAssigned
from xinlian.bootstrap import build_registry
from xinlian.contracts.message import Event
from xinlian.ledger.application import decode_outcome
from xinlian.ledger.header import decode_block
from xinlian.modules.accounts.events import AccountOpened, TransferPosted
from xinlian.modules.accounts.types import ACCOUNTS, ASSETS, AccountClass, AssetKind

_UNION: Any = reduce(or_, build_registry().events.values())
_decode = msgspec.msgpack.Decoder(_UNION).decode


def events_until(told: Told, end_ms: int) -> Iterator[tuple[int, Event]]:
    """Yield (time, event) of all blocks before a moment."""
    height = 1
    while (raw := told.store.block(height)) is not None:
        time_ms = decode_block(raw).signed_header.header.time_ms
        stored = told.store.outcome(height)
        assert stored is not None
        if time_ms < end_ms:
            for group in decode_outcome(stored).event_groups:
                for record in group.events:
                    yield time_ms, _decode(record.event)
        height += 1


def money_and_claims(told: Told, party: bytes, end_ms: int) -> dict[str, int]:
    """Return what a party has and owes at a moment, debit positive, by the kind of thing.

    Keys: ``deposit``, ``claim``, ``owed_claim``, ``interest``, ``owed_interest``,
    ``customer_deposits``, ``discount_paid``, ``discount_earned``.
    """
    owners: dict[bytes, tuple[bytes, bool, str, bytes]] = {}
    found: dict[str, int] = defaultdict(int)
    state = genesis_state(told.consortium)
    for (account_id,), account in ACCOUNTS.scan(state):
        asset = ASSETS.require(state, account.asset)
        is_issue = account.account_class == AccountClass.ISSUE
        owners[account_id] = (account.owner, is_issue, asset.kind, asset.issuer)
        _count(found, owners[account_id], party, account.balance_minor)
    for _, event in events_until(told, end_ms):
        if isinstance(event, AccountOpened):
            is_issue = event.account_class == AccountClass.ISSUE
            owners[event.account] = (event.owner, is_issue, event.asset_kind, event.issuer)
        if isinstance(event, TransferPosted):
            _count(found, owners[event.debit_account], party, event.amount_minor)
            _count(found, owners[event.credit_account], party, -event.amount_minor)
        if isinstance(event, LeafAssigned):
            found["discount_paid"] += event.discount_minor if event.seller == party else 0
            found["discount_earned"] -= event.discount_minor if event.financier == party else 0
    return {kind: amount for kind, amount in found.items() if amount}


def _count(
    found: dict[str, int],
    account: tuple[bytes, bool, str, bytes],
    party: bytes,
    amount_minor: int,
) -> None:
    owner, is_issue, kind, issuer = account
    if kind == AssetKind.DEPOSIT:
        if not is_issue and owner == party:
            found["deposit"] += amount_minor
        if not is_issue and issuer == party:
            found["customer_deposits"] -= amount_minor
    elif owner == party:
        found[f"owed_{kind}" if is_issue else kind] += amount_minor
