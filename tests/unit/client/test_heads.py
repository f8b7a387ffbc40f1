"""Following a node's head, and catching an operator that shows two histories."""

import dataclasses

import msgspec
import pytest

from support.heads import Heads, pay, two_histories
from xinlian.client.heads import (
    ForkFound,
    HeadRefused,
    check_signed,
    checkpoint_file,
    contradiction,
    follow,
    signed_header_of,
)
from xinlian.client.wire import HeadersAnswer
from xinlian.crypto.codec import decode
from xinlian.testing import Consortium
from xinlian.verifier import root_of_genesis, verify_checkpoint, verify_equivocation


@pytest.fixture(scope="module")
def histories():
    one, other = two_histories(2, 3)
    yield one, other
    one.close()
    other.close()


@pytest.fixture(scope="module")
def root(histories):
    return root_of_genesis(histories[0].genesis_bytes)


def head_of(heads: Heads):
    return signed_header_of(heads.head())


def refusal(heads, last, root) -> str:
    with pytest.raises(HeadRefused) as refused:
        follow(head_of(heads), last, root, heads.headers)
    return refused.value.reference


def test_an_answer_is_the_header_that_was_signed(histories, root):
    signed = head_of(Heads(histories[0]))
    assert signed == histories[0].node.head()
    check_signed(signed, root)


def test_a_head_is_followed_from_genesis_and_from_the_last_one(histories, root):
    heads = Heads(histories[0])
    follow(head_of(heads), None, root, heads.headers)
    for height in range(heads.height() + 1):
        last = signed_header_of(heads.header(height))
        follow(head_of(heads), last, root, heads.headers)


def test_a_shorter_chain_is_not_followed(histories, root):
    last = head_of(Heads(histories[0]))
    assert refusal(Heads(histories[0], up_to=2), last, root) == "client/head_is_shorter"


def test_the_test_really_has_two_histories_of_one_operator(histories):
    one, other = (consortium.node for consortium in histories)
    assert one.header(2) == other.header(2)
    assert one.head() != other.head()
    assert one.head().header.height == other.head().header.height


@pytest.mark.parametrize("known_up_to", [3, 4, 5])
def test_two_histories_are_proven_to_anybody_by_two_signed_headers(histories, root, known_up_to):
    last = head_of(Heads(histories[0], up_to=known_up_to))
    heads = Heads(histories[1])
    with pytest.raises(ForkFound) as fork:
        follow(head_of(heads), last, root, heads.headers)
    found = verify_equivocation(fork.value.proof, root, allow_simulated=True)
    assert found.heights == (known_up_to, known_up_to)


def test_a_header_that_does_not_follow_a_signed_one_is_proof_too(histories, root):
    one, other = (Heads(consortium) for consortium in histories)

    def mixed(first: int, limit: int) -> HeadersAnswer:
        return (one if first <= 4 else other).headers(first, min(limit, 1))

    with pytest.raises(ForkFound) as fork:
        follow(head_of(other), signed_header_of(one.header(4)), root, mixed)
    found = verify_equivocation(fork.value.proof, root, allow_simulated=True)
    assert found.heights == (4, 5)


def test_headers_of_one_history_contradict_nothing(histories, root):
    heads = Heads(histories[0])
    signed = [signed_header_of(heads.header(height)) for height in range(heads.height() + 1)]
    for one in signed:
        for other in signed:
            assert contradiction(one, other, root) is None


def test_a_head_that_no_operator_signed_is_refused(histories, root):
    heads = Heads(histories[0])
    answer = msgspec.structs.replace(heads.head(), signatures=())
    with pytest.raises(HeadRefused, match="no operator"):
        check_signed(signed_header_of(answer), root)
    changed = msgspec.structs.replace(heads.head(), time_ms=7)
    with pytest.raises(HeadRefused, match="does not verify"):
        check_signed(signed_header_of(changed), root)


def test_what_is_no_header_is_refused(histories):
    heads = Heads(histories[0])
    for changes in ({"state_root": "zz"}, {"app_hash": "abc"}):
        with pytest.raises(HeadRefused) as refused:
            signed_header_of(msgspec.structs.replace(heads.head(), **changes))
        assert refused.value.reference == "client/not_a_header"


def test_a_chain_of_another_genesis_file_is_not_followed(histories, root):
    heads = Heads(histories[0])
    other = dataclasses.replace(root, genesis_hash=bytes(32))
    assert refusal(heads, None, other) == "client/other_chain"


def test_a_node_that_leaves_headers_out_is_not_followed(histories, root):
    class Gapped(Heads):
        def headers(self, first: int, limit: int) -> HeadersAnswer:
            page = super().headers(first, limit)
            items = tuple(item for item in page.items if item.height != 2)
            return HeadersAnswer(page.height, items)

    assert refusal(Gapped(histories[0]), None, root) == "client/header_missing"


def test_a_saved_head_is_a_checkpoint_of_its_genesis_file():
    consortium = Consortium()
    pay(consortium, 2)
    root = root_of_genesis(consortium.genesis_bytes)
    attested = decode(Heads(consortium).attested_header())
    trusted, report = verify_checkpoint(checkpoint_file(root, attested), root, allow_simulated=True)
    assert (trusted.height, report.heights) == (2, (2,))
    consortium.close()
