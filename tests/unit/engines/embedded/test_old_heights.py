"""What a node tells of heights that it no longer has whole, or never had."""

import pytest

from xinlian.engines.embedded import EmbeddedNode
from xinlian.ledger.genesis import genesis_hash
from xinlian.ledger.kept import header_at
from xinlian.ledger.node import BodyPruned, NoReceipt, OutcomeStatus
from xinlian.ledger.outcomes import MARKERS
from xinlian.ledger.ports import StateNotKept, StoreError
from xinlian.ledger.pruning import prune
from xinlian.ledger.snapshot import ManifestDraft, Restoration, chunks
from xinlian.ledger.transaction import decode_transaction
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS, Account
from xinlian.modules.policy.archive import archive_row
from xinlian.primitives.time import MS_PER_DAY
from xinlian.storage import MemoryStore
from xinlian.testing import Consortium
from xinlian.testing.consortium import NAMES, POLICY, demo_uscc
from xinlian.verifier import verify_receipt

WINDOW = 3


@pytest.fixture
def c(monkeypatch):
    """A consortium of which core and bank are archive members."""
    for number in (1, 2):
        monkeypatch.setitem(POLICY, archive_row(demo_uscc(number)), (1, "flag"))
    consortium = Consortium(MemoryStore(history_heights=WINDOW))
    yield consortium
    consortium.close()


def pay(consortium, times=1):
    payment = Transfer(consortium.account("core"), consortium.account("bank"), 5)
    return [consortium.send("core", payment) for _ in range(times)]


def pruned_store(consortium) -> MemoryStore:
    store = consortium.node.store
    assert isinstance(store, MemoryStore)
    return store


def restored_from(consortium):
    """Return a consortium that goes on from a snapshot of another's head."""
    source, target, draft = consortium.node.store, MemoryStore(), ManifestDraft()
    with source.snapshot() as view:
        parts = list(chunks(view))
        head = header_at(source, view.height)
    assert head is not None
    for chunk, count in parts:
        draft.add(chunk, count)
    restoration = Restoration(target, draft.finish(head, genesis_hash(consortium.genesis_bytes)))
    for chunk, _ in parts:
        restoration.apply(chunk)
    restoration.finish()
    return Consortium(target)


def balance_proven(c, receipt):
    """Return (height, balance) of a receipt's one state entry, verified."""
    report = verify_receipt(receipt, c.genesis_bytes, allow_simulated=True)
    assert report.present_keys == (ACCOUNTS.key(c.account("bank")).hex(),)
    return report


def test_the_balance_of_an_old_height_is_proven_as_it_was(c):
    key = ACCOUNTS.key(c.account("bank"))
    heights = [committed.height for _, committed in pay(c, 5)]
    store = c.node.store
    for height in heights[-WINDOW - 1 :]:
        report = balance_proven(c, c.node.receipt(None, [key], height))
        assert report.heights == (height,)
        with store.snapshot_at(height) as past:
            account: Account = ACCOUNTS.require(past, c.account("bank"))
        assert account.balance_minor == 5_000_000_00 + 5 * (heights.index(height) + 1)


def test_absence_at_an_old_height_is_proven_of_what_came_later(c):
    (_, first), (signed, _) = pay(c, 2)
    body = decode_transaction(signed.raw).body
    key = MARKERS.key(body.payer, body.idempotency_key)
    then = verify_receipt(
        c.node.receipt(None, [key], first.height), c.genesis_bytes, allow_simulated=True
    )
    now = verify_receipt(c.node.receipt(None, [key]), c.genesis_bytes, allow_simulated=True)
    assert (then.absent_keys, now.present_keys) == ((key.hex(),), (key.hex(),))


@pytest.mark.parametrize("height", [0, 1, 99])
def test_beyond_the_window_the_answer_says_what_is_available(c, height):
    pay(c, 5)
    with pytest.raises(StateNotKept, match="2 to 5 are"):
        c.node.receipt(None, [ACCOUNTS.key(c.account("bank"))], height)


def test_a_damaged_history_is_never_handed_out(c):
    pay(c, 3)
    past = pruned_store(c)._history[2]
    key = ACCOUNTS.key(c.account("bank"))
    past._state[key] = past._state[key] + b"\0"
    with pytest.raises(StoreError, match="damaged"):
        c.node.receipt(None, [key], 2)


def test_a_receipt_exported_before_pruning_verifies_and_a_later_one_is_refused_with_who_has_it(c):
    ((signed, committed), *_) = pay(c, 4)
    exported = c.node.receipt(signed.transaction_id)
    list(prune(pruned_store(c), 3))
    report = verify_receipt(exported, c.genesis_bytes, allow_simulated=True)
    assert report.transaction_id == signed.transaction_id.hex()
    with pytest.raises(BodyPruned) as refused:
        c.node.receipt(signed.transaction_id)
    for name, number in (("core", 1), ("bank", 2)):
        assert f"{NAMES[name]} ({demo_uscc(number)})" in str(refused.value)
    assert f"height {committed.height} is not here, bodies are from height 3" in str(refused.value)
    with pytest.raises(NoReceipt):
        c.node.receipt(bytes(32))


def test_a_pruned_node_still_tells_outcomes_headers_and_proves_its_state(c):
    sent = pay(c, 4)
    headers = [c.node.header(height) for height in range(5)]
    list(prune(pruned_store(c), 4))
    assert [c.node.header(height) for height in range(5)] == headers
    for signed, committed in sent:
        outcome = c.node.outcome(signed.transaction_id)
        assert (outcome.status, outcome.committed) == (OutcomeStatus.COMMITTED, committed)
    balance_proven(c, c.node.receipt(None, [ACCOUNTS.key(c.account("bank"))]))


def test_without_archive_members_the_refusal_says_that_policy_names_none():
    consortium = Consortium(MemoryStore())
    ((signed, _), *_) = pay(consortium, 3)
    list(prune(pruned_store(consortium), 2))
    with pytest.raises(BodyPruned, match="policy names none"):
        consortium.node.receipt(signed.transaction_id)
    consortium.close()


def test_what_may_be_older_than_the_snapshot_is_unknown_before_it_and_never_expired(c):
    ((old, committed),) = pay(c)
    began = restored_from(c)
    c_valid_until = c.now_ms() + 600_000
    outcome = began.node.outcome(old.transaction_id, c_valid_until)
    assert outcome.status == OutcomeStatus.UNKNOWN_BEFORE
    assert outcome.since_height == committed.height
    began.advance_to(c_valid_until + 1_000)
    for valid_until_ms in (None, c_valid_until):
        outcome = began.node.outcome(old.transaction_id, valid_until_ms)
        assert outcome.status == OutcomeStatus.UNKNOWN_BEFORE, "it may have been ordered before"
    with pytest.raises(NoReceipt):
        began.node.receipt(old.transaction_id)
    began.close()


def test_what_can_only_be_newer_than_the_snapshot_has_its_plain_outcome(c):
    pay(c)
    began = restored_from(c)
    too_late_ms = began.now_ms() + MS_PER_DAY + 1
    assert began.node.outcome(bytes(32), too_late_ms).status == OutcomeStatus.UNKNOWN
    ((new, committed),) = pay(began)
    outcome = began.node.outcome(new.transaction_id)
    assert (outcome.status, outcome.committed) == (OutcomeStatus.COMMITTED, committed)
    began.advance_to(too_late_ms + 1)
    assert began.node.outcome(bytes(32), too_late_ms).status == OutcomeStatus.EXPIRED
    assert isinstance(began.node, EmbeddedNode)
    began.close()


def test_blocks_after_a_restore_have_the_application_hashes_of_the_original(c):
    pay(c, 2)
    began = restored_from(c)
    for _ in range(3):
        payment = Transfer(c.account("core"), c.account("bank"), 5)
        signed = c.sign("core", payment)
        for node in (c, began):
            assert node.engine.submit(signed.raw).result(60).result.succeeded
        assert c.node.head() == began.node.head()
    began.close()
