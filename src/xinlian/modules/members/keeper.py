"""Who may send what: the only code that writes parties, keys and mandates.

Rules this file keeps:
 1. Authority is read from the state at execution, always.
 2. A suspended party may still be paid, read, and defend itself: only messages that create
    obligations are refused.
 3. A rule counts if enough of its keys signed; the first refusal in the documented order is given.
 4. A message counts towards the daily cap of the first rule, in their order, that covers it and
    has room; it is rolled back with its transaction.
"""

import functools
from collections.abc import Sequence

from xinlian.contracts.context import Context
from xinlian.contracts.message import Message, type_no
from xinlian.crypto.ed25519 import InvalidPublicKey, check_public_key, verify_signature
from xinlian.ledger.executor import SignerKey
from xinlian.ledger.ports import StateView
from xinlian.ledger.records import WritableState
from xinlian.modules.members.errors import (
    CapExceeded,
    DailyCapExceeded,
    KeyExists,
    KeyInvalid,
    MandateExpired,
    NoMandate,
    Suspended,
    ThresholdNotMet,
    UnknownParty,
)
from xinlian.modules.members.restraint import check_value_may_move
from xinlian.modules.members.types import (
    DAILY_USE,
    KEYS,
    MANDATES,
    PARTIES,
    DailyUse,
    Key,
    KeyStatus,
    MandateRule,
    Party,
    RuleUse,
    key_id_of,
    message_type_part,
    possession_bytes,
)
from xinlian.primitives import KeyId, PartyId
from xinlian.primitives.time import china_day


class MembersAuthority:
    """The authority that the contract runtime asks before every message."""

    def signer_key(self, state: StateView, key_id: KeyId) -> SignerKey | None:
        """Return an active key, or None."""
        key = KEYS.get(state, key_id)
        if key is None or key.status != KeyStatus.ACTIVE:
            return None
        return SignerKey(PartyId(key.party), key.suite, key.public_key)

    def authorise(self, context: Context, message: Message) -> None:
        """Refuse a message that the signers may not send for ``acting_for``.

        Raises:
            Unauthorised: the first refusal in the order of ``errors.py``.
        """
        party = require_party(context.state, context.acting_for)
        if party.is_suspended and message.creates_obligation:
            raise Suspended(context.acting_for.hex())
        if party.is_restrained and message.moves_value:
            check_value_may_move(context)
        if message.any_live_key:
            require_signing_keys(context, context.acting_for, 1)
            return
        type_part = _type_part(type(message))
        mandates = MANDATES.get(context.state, context.acting_for, type_part)
        rules = () if mandates is None else mandates.rules
        amount_minor = message.capped_amount_minor()
        covering = check_rules(rules, context, amount_minor)
        if amount_minor and covering[0].daily_cap_minor:
            _count_towards_day(context, type_part, rules, covering, amount_minor)


@functools.cache
def _type_part(message_type: type[Message]) -> bytes:
    return message_type_part(type_no(message_type))


def require_party(state: StateView, party: bytes) -> Party:
    """Return a party of the directory; raises UnknownParty."""
    found = PARTIES.get(state, party)
    if found is None:
        raise UnknownParty(party.hex())
    return found


def check_rules(
    rules: Sequence[MandateRule],
    context: Context,
    amount_minor: int,
) -> list[MandateRule]:
    """Return the rules that cover the signers, the time and the amount; the day is not asked.

    Raises:
        Unauthorised: the refusal that the best fitting rule gives.
    """
    covering = [rule for rule in rules if _covers(rule, context, amount_minor)]
    if covering:
        return covering
    signers = set(context.signers)
    named = [rule for rule in rules if signers.intersection(rule.keys)]
    if not named:
        raise NoMandate(context.acting_for.hex())
    living = [r for r in named if r.expires_at_ms == 0 or context.time_ms <= r.expires_at_ms]
    if not living:
        raise MandateExpired(context.acting_for.hex())
    capped = [rule for rule in living if amount_minor <= rule.cap_minor]
    if not capped:
        raise CapExceeded(amount_minor, max(rule.cap_minor for rule in living))
    signed = [(len(signers.intersection(rule.keys)), rule.threshold) for rule in capped]
    raise ThresholdNotMet(*max(signed, key=lambda pair: pair[0] - pair[1]))


def _covers(rule: MandateRule, context: Context, amount_minor: int) -> bool:
    """Return whether a rule lets the signers send a message of this amount now."""
    if amount_minor > rule.cap_minor or 0 < rule.expires_at_ms < context.time_ms:
        return False
    signed = 0
    for key_id in rule.keys:
        if key_id in context.signers:
            signed += 1
    return 0 < signed >= rule.threshold


def _count_towards_day(
    context: Context,
    type_part: bytes,
    rules: Sequence[MandateRule],
    covering: Sequence[MandateRule],
    amount_minor: int,
) -> None:
    """Add an amount to what was moved today; raises DailyCapExceeded when no rule has room."""
    today = china_day(context.time_ms)
    moved = _moved_on(DAILY_USE.get(context.state, context.acting_for, type_part), today)
    left_minor = 0
    for rule in covering:
        if not rule.daily_cap_minor:
            return
        signers = (rule.keys, rule.threshold)
        left_minor = max(left_minor, rule.daily_cap_minor - moved.get(signers, 0))
        if amount_minor <= rule.daily_cap_minor - moved.get(signers, 0):
            moved[signers] = moved.get(signers, 0) + amount_minor
            break
    else:
        raise DailyCapExceeded(amount_minor, left_minor)
    capped = {(r.keys, r.threshold): None for r in rules if r.daily_cap_minor}
    uses = (RuleUse(keys, of, moved[keys, of]) for keys, of in capped if (keys, of) in moved)
    DAILY_USE.put(context.state, DailyUse(today, tuple(uses)), context.acting_for, type_part)


def _moved_on(use: DailyUse | None, day: int) -> dict[tuple[tuple[bytes, ...], int], int]:
    """Return what each group of signers moved on a day; use of another day is over."""
    if use is None or use.day != day:
        return {}
    return {(each.keys, each.threshold): each.moved_minor for each in use.uses}


def signing_keys_of(context: Context, party: bytes) -> list[bytes]:
    """Return the signers of this transaction that are keys of a party."""
    return [
        key_id for key_id in context.signers if KEYS.require(context.state, key_id).party == party
    ]


def require_signing_keys(context: Context, party: bytes, minimum: int) -> None:
    """Refuse a message that fewer than ``minimum`` distinct keys of a party signed.

    Raises:
        ThresholdNotMet: with how many signed.
    """
    count = len(signing_keys_of(context, party))
    if count < minimum:
        raise ThresholdNotMet(count, minimum)


def register_key(
    state: WritableState,
    party: bytes,
    key: Key,
    possession: bytes,
    chain_id: str,
) -> KeyId:
    """Add a key after its possession is proven.

    Raises:
        KeyInvalid: the key may not be registered, or did not sign its own registration.
        KeyExists: it belongs to a party already.
    """
    check_possession(party, key, possession, chain_id)
    return write_key(state, key)


def check_possession(party: bytes, key: Key, possession: bytes, chain_id: str) -> None:
    """Refuse a key that did not sign its own registration for a party; raises KeyInvalid."""
    message = possession_bytes(chain_id, party, key.role)
    if not verify_signature(key.suite, key.public_key, message, possession):
        raise KeyInvalid("the proof of possession does not verify")


def write_key(state: WritableState, key: Key) -> KeyId:
    """Write a checked key; raises KeyInvalid or KeyExists."""
    try:
        check_public_key(key.suite, key.public_key)
    except InvalidPublicKey as error:
        raise KeyInvalid(str(error)) from None
    key_id = key_id_of(key.suite, key.public_key)
    if KEYS.get(state, key_id) is not None:
        raise KeyExists(key_id.hex())
    KEYS.put(state, key, key_id)
    return key_id
