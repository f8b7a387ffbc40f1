"""The engine's calls, one by one and in the order of its grammar, over a real state machine."""

import dataclasses

import msgspec
import pytest

from engines.cometbft_network import Driven, seed, timestamp, with_validators
from support.validators import ValidatedChain, public
from xinlian.crypto.ed25519 import SigningKey, verify_signature
from xinlian.engines.cometbft import abci
from xinlian.engines.cometbft.calls import EngineDiffers
from xinlian.engines.cometbft.home import EngineKeys, address_of
from xinlian.engines.cometbft.network import app_state, validator_updates, validators_of
from xinlian.engines.cometbft.wire import encode
from xinlian.ledger import application as ledger_application
from xinlian.ledger import limits
from xinlian.ledger.block import Block
from xinlian.ledger.header import decode_block
from xinlian.ledger.soundness import check_head
from xinlian.ledger.transaction import decode_transaction, encode_body, encode_transaction
from xinlian.modules.accounts.messages import Transfer
from xinlian.modules.accounts.types import ACCOUNTS
from xinlian.primitives import InvariantViolation
from xinlian.testing import Consortium


@pytest.fixture(scope="module")
def genesis_bytes() -> bytes:
    keys = [
        EngineKeys("", SigningKey(seed(f"consensus {number}")).public_key) for number in range(4)
    ]
    return with_validators(Consortium(), keys)


@pytest.fixture
def driven(genesis_bytes: bytes) -> Driven:
    return Driven(Consortium(), genesis_bytes)


def init_request(driven: Driven) -> abci.RequestInitChain:
    section = validators_of(driven.genesis)
    assert section is not None
    return abci.RequestInitChain(
        time=timestamp(section.begins_at_ms),
        chain_id=driven.genesis.chain_id,
        validators=validator_updates(section),
        app_state_bytes=app_state(driven.genesis_bytes),
        initial_height=1,
    )


def header_hash_of(driven: Driven, height: int) -> bytes:
    raw = driven.store.block(height)
    assert raw is not None
    return decode_block(raw).signed_header.header.app_hash


def badly_signed(raw: bytes) -> bytes:
    signed = decode_transaction(raw)
    first = signed.signatures[0]
    blobs = (bytes((first[0] ^ 1,)) + first[1:], *signed.signatures[1:])
    return encode_transaction(encode_body(signed.body), blobs)


def test_a_chain_begins_with_the_state_of_the_genesis_file(driven):
    assert (driven.info().last_block_height, driven.info().last_block_app_hash) == (0, b"")
    answer = driven.calls.answer(init_request(driven))
    assert isinstance(answer, abci.ResponseInitChain)
    assert answer.app_hash == header_hash_of(driven, 0)


@pytest.mark.parametrize(
    "changed",
    [
        {"chain_id": "test-other"},
        {"app_state_bytes": b'"00"'},
        {"time": abci.Timestamp(1)},
        {"initial_height": 5},
        {"validators": ()},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_an_engine_of_another_network_is_refused(driven, changed):
    request = init_request(driven)
    fields = {name: getattr(request, name) for name in request.__struct_fields__} | changed
    with pytest.raises(EngineDiffers):
        driven.calls.answer(abci.RequestInitChain(**fields))


def test_an_engine_that_begins_again_below_a_store_with_blocks_is_refused(driven):
    driven.block(driven.pay())
    with pytest.raises(EngineDiffers, match="has blocks"):
        driven.calls.answer(init_request(driven))


def test_a_payment_goes_from_the_check_to_a_durable_block(driven):
    raw = driven.pay(125)
    assert driven.check(raw) == ("", 0)
    assert driven.prepare() == (raw,)
    assert driven.is_accepted(raw)
    answer = driven.finalize(raw)
    assert [result.code for result in answer.tx_results] == [0]
    assert driven.info().last_block_height == 0
    driven.commit()
    assert driven.committed == [1]
    assert driven.info().last_block_height == 1
    assert driven.info().last_block_app_hash == answer.app_hash == header_hash_of(driven, 1)
    assert check_head(driven.store) is not None
    assert driven.store.locate(decode_transaction(raw).transaction_id) == (1, 0)
    with driven.store.snapshot() as snapshot:
        balance = ACCOUNTS.require(snapshot, driven.c.account("bank")).balance_minor
    assert balance == 5_000_000_00 + 125


def test_a_crash_between_finalizing_and_committing_leaves_the_old_height(driven):
    driven.block(driven.pay())
    raw, at = driven.pay(), driven.next_time()
    first = driven.finalize(raw)
    restarted = Driven(driven.c, driven.genesis_bytes, driven.store)
    assert restarted.info().last_block_height == 1
    assert restarted.block(raw, at=at) == first
    assert restarted.info().last_block_height == 2


def test_a_height_that_does_not_follow_stops_the_node(driven):
    driven.block()
    for height in (1, 3):
        with pytest.raises(InvariantViolation, match="after 1"):
            driven.calls.answer(abci.RequestFinalizeBlock((), height, driven.next_time()))


def test_a_commit_without_a_block_stops_the_node(driven):
    with pytest.raises(InvariantViolation, match="commit without"):
        driven.calls.answer(abci.RequestCommit())


def test_proposing_and_judging_change_nothing(driven):
    raw = driven.pay()
    driven.check(raw)
    before = driven.info()
    for _ in range(3):
        assert driven.prepare() == (raw,)
        assert driven.is_accepted(raw)
    assert driven.info() == before


def test_a_signature_is_verified_once_in_the_life_of_a_transaction(driven, monkeypatch):
    asked: list[bytes] = []

    def counting(suite: str, public_key: bytes, message: bytes, blob: bytes) -> bool:
        asked.append(blob)
        return verify_signature(suite, public_key, message, blob)

    monkeypatch.setattr(ledger_application, "verify_signature", counting)
    raw = driven.pay()
    assert driven.check(raw) == ("", 0)
    assert driven.check(raw, abci.CheckKind.RECHECK) == ("", 0)
    assert driven.prepare() == (raw,)
    other = driven.pay()
    assert driven.is_accepted(raw)
    assert driven.block(raw).tx_results[0].code == 0
    assert len(asked) == len(decode_transaction(raw).signatures)
    assert driven.is_accepted(other)  # never seen before: judged all the same
    assert len(asked) == 2 * len(decode_transaction(raw).signatures)


def test_what_was_ordered_is_gone_at_the_recheck(driven):
    raw, waits = driven.pay(), driven.pay()
    driven.check(raw)
    driven.check(waits)
    driven.block(raw)
    assert driven.check(raw, abci.CheckKind.RECHECK) == ("abci", 1)
    assert driven.check(waits, abci.CheckKind.RECHECK) == ("", 0)
    assert driven.check(raw) == ("ledger", 12)


def test_what_expired_while_it_waited_is_gone_at_the_recheck(driven):
    raw = driven.pay()
    driven.check(raw)
    late = driven.next_time()
    driven.block(at=abci.Timestamp(late.seconds + 3_600))
    assert driven.check(raw, abci.CheckKind.RECHECK) == ("abci", 1)
    assert driven.check(raw) == ("ledger", 7)


def test_what_became_inadmissible_is_not_proposed_and_leaves(driven):
    raw = driven.pay()
    driven.check(raw)
    conflicting = dataclasses.replace(
        driven.c["core"].intend(
            Transfer(driven.c.account("core"), driven.c.account("bank"), 9),
            valid_until_ms=driven.c.now_ms() + 600_000,
        ),
        idempotency_key=decode_transaction(raw).body.idempotency_key,
    ).sign(driven.c["core"].keys_of("finance-1", "finance-2"))
    driven.block(conflicting.raw)  # ordered by others: this node never saw it wait
    assert driven.prepare() == ()
    assert driven.check(raw, abci.CheckKind.RECHECK) == ("abci", 1)


def test_a_proposal_is_as_large_as_the_engine_allows(driven):
    for _ in range(5):
        driven.check(driven.pay())
    size = len(driven.pay())
    assert len(driven.prepare(bytes_max=2 * size)) == 2


def bad_proposals(driven: Driven) -> dict[str, tuple[bytes, ...]]:
    good, other = driven.pay(), driven.pay()
    conflict = dataclasses.replace(
        driven.c["core"].intend(
            Transfer(driven.c.account("core"), driven.c.account("bank"), 9),
            valid_until_ms=driven.c.now_ms() + 600_000,
        ),
        idempotency_key=decode_transaction(good).body.idempotency_key,
    ).sign(driven.c["core"].keys_of("finance-1", "finance-2"))
    return {
        "undecodable": (good, b"\x00nonsense"),
        "empty": (b"",),
        "too large": (b"x" * (limits.TRANSACTION_BYTES_MAX + 1),),
        "a block too large": tuple(b"x" * (1 << 20) for _ in range(5)),
        "repeated": (good, other, good),
        "one key twice": (good, conflict.raw),
        "badly signed": (badly_signed(good),),
    }


@pytest.mark.parametrize(
    "kind",
    [
        "undecodable",
        "empty",
        "too large",
        "a block too large",
        "repeated",
        "one key twice",
        "badly signed",
    ],
)
def test_a_bad_proposal_is_rejected_and_in_a_block_all_the_same_it_consumes_nothing(driven, kind):
    transactions = bad_proposals(driven)[kind]
    assert not driven.is_accepted(*transactions)
    answer = driven.block(*transactions)
    assert len(answer.tx_results) == len(transactions)
    raw = driven.store.outcome(1)
    assert raw is not None
    results = ledger_application.decode_outcome(raw).results
    for result, told in zip(results, answer.tx_results, strict=True):
        assert (told.code, told.codespace) == (result.code, result.codespace)
        assert result.consumed == (told.code == 0)
    assert not results[-1].consumed


def test_an_ordered_transaction_is_never_proposed_again(driven):
    raw = driven.pay()
    driven.block(raw)
    assert not driven.is_accepted(raw)


def test_a_badly_signed_one_in_a_block_leaves_its_key_for_the_good_one(driven):
    good = driven.pay(3)
    assert driven.block(badly_signed(good)).tx_results[0].code != 0
    assert driven.is_accepted(good)
    assert driven.block(good).tx_results[0].code == 0


def test_cold_warm_and_poisoned_caches_give_the_same_hashes(driven, genesis_bytes):
    blocks = [(driven.pay(7), badly_signed(driven.pay())), (), (driven.pay(8), driven.pay(9))]
    for transactions in blocks:
        for raw in transactions:
            driven.check(raw)
    warm = [driven.block(*transactions).app_hash for transactions in blocks]
    cold_node = Driven(driven.c, genesis_bytes)
    cold = [cold_node.block(*transactions).app_hash for transactions in blocks]
    poisoned_node = Driven(driven.c, genesis_bytes)
    for other in (driven.pay(1), driven.pay(2)):
        poisoned_node.check(other)
        poisoned_node.application.dry_run(Block(1, driven.genesis.genesis_time_ms, (other,)))
    poisoned = [poisoned_node.block(*transactions).app_hash for transactions in blocks]
    assert cold == warm == poisoned


def test_a_quiet_block_lets_the_engine_rest_and_the_ledger_goes_on(driven):
    told = driven.block(driven.pay()).app_hash
    assert driven.block().app_hash == told
    assert driven.block().app_hash == told
    assert len({header_hash_of(driven, height) for height in (1, 2, 3)}) == 3
    restarted = Driven(driven.c, driven.genesis_bytes, driven.store)
    assert restarted.info().last_block_app_hash == told
    assert restarted.block(driven.pay()).app_hash != told


def test_votes_carry_nothing_more_and_what_carries_more_is_rejected(driven):
    assert driven.calls.answer(abci.RequestExtendVote()) == abci.ResponseExtendVote()
    for extension, status in (
        (b"", abci.ProposalStatus.ACCEPT),
        (b"x", abci.ProposalStatus.REJECT),
    ):
        answer = driven.calls.answer(abci.RequestVerifyVoteExtension(extension))
        assert answer == abci.ResponseVerifyVoteExtension(status)


def test_an_offered_snapshot_is_rejected_and_there_is_none(driven):
    assert driven.calls.answer(abci.RequestListSnapshots()) == abci.ResponseListSnapshots()
    offered = driven.calls.answer(abci.RequestOfferSnapshot())
    assert offered == abci.ResponseOfferSnapshot(abci.OfferAnswer.ABORT)
    assert driven.calls.answer(abci.RequestLoadSnapshotChunk()).chunk == b""
    applied = driven.calls.answer(abci.RequestApplySnapshotChunk())
    assert applied == abci.ResponseApplySnapshotChunk(abci.OfferAnswer.ABORT)


def test_queries_read_the_last_committed_state(driven):
    key = ACCOUNTS.key(driven.c.account("core"))
    driven.finalize(driven.pay(5))
    answer = driven.calls.answer(abci.RequestQuery(key, "/state"))
    assert (answer.code, answer.height) == (0, 0)
    with driven.store.snapshot() as snapshot:
        assert answer.value == snapshot.get(key)
    absent = driven.calls.answer(abci.RequestQuery(b"\xff" * 100, "/state"))
    assert (absent.code, absent.value) == (0, b"")
    for no_key in (b"", b"\xff" * 129):
        assert driven.calls.answer(abci.RequestQuery(no_key, "/state")).code == 2
    assert driven.calls.answer(abci.RequestQuery(key, "/nothing")).code == 2
    assert driven.calls.answer(abci.RequestEcho("a")) == abci.ResponseEcho("a")


def test_the_engine_is_told_what_members_decided_of_validators():
    chain = ValidatedChain(4)
    proposal = chain.propose("core", chain.succession("core", 0, "next"))
    chain.approve(proposal, "core", "bank", "settle", "mill", "port")
    old, new = public(0), public("next")
    told = [
        {update.pub_key.ed25519: update.power for update in chain.driven.block().validator_updates}
        for _ in range(4)
    ]
    assert told == [{old: 4, new: 6}, {old: 0, new: 10}, {}, {}]


def test_a_power_of_nothing_is_told_as_a_removal_is():
    update = abci.ValidatorUpdate(abci.PublicKey(bytes(range(32))), 0)
    # Field 1: the key, of which field 1 is Ed25519; a power of 0 is left out, as protobuf does.
    assert encode(update) == b"\x0a\x22\x0a\x20" + bytes(range(32))


def test_a_proposal_may_show_misbehaviour_but_not_what_no_engine_says(driven):
    driven.block()
    shown = abci.Misbehavior(1, abci.Offender(b"a" * 20), 1)
    for height, expected in ((1, abci.ProposalStatus.ACCEPT), (2, abci.ProposalStatus.REJECT)):
        told = msgspec.structs.replace(shown, height=height)
        answer = driven.calls.answer(
            abci.RequestProcessProposal((), 2, driven.next_time(), (told,))
        )
        assert answer == abci.ResponseProcessProposal(expected)


def test_a_decided_block_with_what_no_engine_says_stops_the_node(driven):
    driven.block()
    with pytest.raises(InvariantViolation, match="no address"):
        driven.finalize(shown=(abci.Misbehavior(1, abci.Offender(b"short"), 1),))


def test_a_block_that_shows_misbehaviour_is_given_again_after_a_crash(genesis_bytes):
    driven = Driven(Consortium(), genesis_bytes)
    driven.block()
    key = SigningKey(seed("consensus 1")).public_key
    shown, at = (abci.Misbehavior(1, abci.Offender(address_of(key)), 1),), driven.next_time()
    first = driven.finalize(at=at, shown=shown)
    restarted = Driven(driven.c, driven.genesis_bytes, driven.store)
    assert restarted.block(at=at, shown=shown) == first
