"""Who may send what: mandates by type, cap, expiry and threshold; suspension; every refusal."""

from collections.abc import Sequence

import msgspec
import pytest

from unit.ledger.fakes import TableView
from xinlian.bootstrap import build_registry
from xinlian.contracts.context import Context
from xinlian.contracts.message import type_no
from xinlian.contracts.ports import Ports
from xinlian.crypto.ed25519 import SigningKey
from xinlian.ledger.overlay import Overlay
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.members.errors import (
    CapExceeded,
    MandateExpired,
    NoMandate,
    Suspended,
    ThresholdNotMet,
    UnknownParty,
)
from xinlian.modules.members.keeper import MembersAuthority, check_rules, write_key
from xinlian.modules.members.types import (
    KEYS,
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
)
from xinlian.primitives import KeyId, LedgerError, PartyId

NOW_MS = 1_000_000
PARTY = PartyId(b"p" * 20)
KEY_IDS = [KeyId(bytes((number,)) * 20) for number in range(4)]
A, B, C, D = KEY_IDS


def context(signers: Sequence[bytes], state: Overlay | None = None) -> Context:
    return Context(
        state=state or Overlay(TableView()),
        chain_id="test",
        height=1,
        time_ms=NOW_MS,
        acting_for=PARTY,
        payer=PARTY,
        signers=tuple(KeyId(signer) for signer in signers),
        idempotency_key=b"",
        call_index=0,
        work_left=1,
        ports=Ports(),
    )


def rule(*keys: bytes, of: int = 1, cap: int = 100, until: int = 0) -> MandateRule:
    return MandateRule(keys, of, cap, until)


def refusal(rules: Sequence[MandateRule], signers: Sequence[bytes], amount: int = 100):
    try:
        check_rules(rules, context(signers), amount)
    except LedgerError as error:
        return type(error)
    return None


@pytest.mark.parametrize(
    ("rules", "signers", "amount", "expected"),
    [
        ([], [A], 0, NoMandate),
        ([rule(B)], [A], 0, NoMandate),
        ([rule(A)], [A], 100, None),
        ([rule(A)], [A], 101, CapExceeded),
        ([rule(A, until=NOW_MS)], [A], 100, None),
        ([rule(A, until=NOW_MS - 1)], [A], 100, MandateExpired),
        ([rule(A, B, of=2)], [A], 100, ThresholdNotMet),
        ([rule(A, B, of=2)], [A, B], 100, None),
        ([rule(A, B, C, of=2)], [A, C], 100, None),
        ([rule(A, B, C, of=3)], [A, C], 100, ThresholdNotMet),
        ([rule(A, B, of=2)], [A, D], 100, ThresholdNotMet),
        ([rule(A), rule(A, B, of=2, cap=1_000)], [A], 1_000, ThresholdNotMet),
        ([rule(A), rule(A, B, of=2, cap=1_000)], [A, B], 1_000, None),
        ([rule(A), rule(A, B, of=2, cap=1_000)], [A], 100, None),
        ([rule(A, cap=0)], [A], 0, None),
        ([rule(A, B, of=2), rule(C)], [A, C], 100, None),
    ],
)
def test_one_rule_must_cover_signers_time_and_amount(rules, signers, amount, expected):
    assert refusal(rules, signers, amount) is expected


def test_a_rule_that_breaks_everything_is_refused_by_the_first_reason():
    broken = [rule(B, of=2, cap=0, until=1)]
    assert refusal(broken, [A], 5) is NoMandate
    assert refusal([rule(A, B, of=2, cap=0, until=1)], [A], 5) is MandateExpired
    assert refusal([rule(A, B, of=2, cap=0)], [A], 5) is CapExceeded
    assert refusal([rule(A, B, of=2, cap=5)], [A], 5) is ThresholdNotMet


def state_with(status: PartyStatus | None, *rules: MandateRule) -> Overlay:
    state = Overlay(TableView())
    if status is not None:
        party = Party(PartyKind.MEMBER, status, b"", 1, "91990000MA00000014", "demo")
        PARTIES.put(state, party, PARTY)
    if rules:
        part = message_type_part(type_no(Transfer))
        MANDATES.put(state, Mandates(rules), PARTY, part)
    return state


def authorised(state: Overlay, signers: Sequence[bytes] = (A,)):
    message = Transfer(bytes(20), b"1" * 20, 101)
    try:
        MembersAuthority().authorise(context(signers, state), message)
    except LedgerError as error:
        return type(error)
    return None


def test_party_then_suspension_then_mandate():
    assert authorised(state_with(None)) is UnknownParty
    assert authorised(state_with(PartyStatus.SUSPENDED)) is Suspended
    assert authorised(state_with(PartyStatus.ACTIVE)) is NoMandate
    assert authorised(state_with(PartyStatus.ACTIVE, rule(A))) is CapExceeded
    assert authorised(state_with(PartyStatus.ACTIVE, rule(A, cap=101))) is None


def test_a_suspended_party_may_send_exactly_what_creates_no_obligation():
    free = {
        message.__name__
        for message in build_registry().messages.values()
        if not message.creates_obligation
    }
    assert free >= {
        "BookEntry",
        "DeclineCertificate",
        "WithdrawCertificate",
        "ReleaseLock",
        "RevokeKey",
    }
    assert free.isdisjoint(
        {
            "Transfer",
            "ProposeCertificate",
            "IssueCertificate",
            "AcceptCertificate",
            "OfferTransfer",
            "AcceptTransfer",
            "RequestFinance",
            "Disburse",
            "AdmitParticipant",
            "SetMandate",
        }
    )


def test_only_an_active_key_signs():
    state = Overlay(TableView())
    public_key = SigningKey(bytes(32)).public_key
    key = Key(PARTY, "ed25519", public_key, "finance-1", KeyStatus.ACTIVE, 1)
    key_id = write_key(state, key)
    authority = MembersAuthority()
    found = authority.signer_key(state, key_id)
    assert found is not None
    assert (found.party, found.public_key) == (PARTY, public_key)
    KEYS.put(state, msgspec.structs.replace(key, status=KeyStatus.REVOKED), key_id)
    assert authority.signer_key(state, key_id) is None
    assert authority.signer_key(state, A) is None
