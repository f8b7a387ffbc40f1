"""Reading a disclosure: what a malicious one tries, each with its named refusal."""

import pytest

from xinlian.crypto.codec import encode
from xinlian.crypto.field_proof import (
    DISCLOSURE_BYTES_MAX,
    TOKENS_MAX,
    Disclosure,
    DisclosureError,
    decode_disclosure,
    format_path,
    hash_of_document,
    leaf_hash,
    list_hash,
    node_hash,
    verify_disclosure,
)

S = bytes(32)
HIDDEN = bytes([7]) * 32


def _refusal(root, *tokens, schema="s", version=1):
    with pytest.raises(DisclosureError) as refused:
        verify_disclosure(root, Disclosure(schema, version, tokens))
    return refused.value.reason


def _root(tree):
    root = hash_of_document("s", 1, tree)
    assert root is not None
    return root


def test_a_root_built_by_hand_with_one_path_twice_is_seen_in_one_disclosure():
    root = _root(node_hash(leaf_hash(("a",), S, 1), leaf_hash(("a",), S, 2)))
    assert _refusal(root, None, (("a",), S, 1), (("a",), S, 2)) == "not_sorted"


def test_an_absent_record_with_fields_is_a_contradiction():
    root = _root(node_hash(leaf_hash(("a",), S, None), leaf_hash(("a", "b"), S, 2)))
    assert _refusal(root, None, (("a",), S, None), (("a", "b"), S, 2)) == "contradiction"


def test_an_item_beyond_its_list_is_refused():
    root = _root(list_hash(("a",), S, 1, leaf_hash(("a", 1), S, 2)))
    assert _refusal(root, (("a",), S, 1, None), (("a", 1), S, 2)) == "outside_list"


def test_an_item_outside_its_list_s_tree_is_refused():
    root = _root(node_hash(list_hash(("a",), S, 2, HIDDEN), leaf_hash(("a", 1), S, 2)))
    assert _refusal(root, None, (("a",), S, 2, None), HIDDEN, (("a", 1), S, 2)) == "misplaced"


def test_a_field_inside_a_list_s_tree_that_is_not_its_item_is_refused():
    root = _root(list_hash(("a",), S, 2, leaf_hash(("b",), S, 2)))
    assert _refusal(root, (("a",), S, 2, None), (("b",), S, 2)) == "misplaced"


def test_another_root_is_refused():
    assert _refusal(HIDDEN, (("a",), S, 1)) == "wrong_root"


@pytest.mark.parametrize(
    "tokens",
    [
        (),
        (None,),
        (None, HIDDEN),
        (HIDDEN, HIDDEN),
        (b"short",),
        ((("a",), b"short", 1),),
        (((), S, 1),),
        ((("a",), S, (1,)),),
        ((("a",), S),),
        ((("a",), S, 1, 2),),
        ((("a",), S, True, None), HIDDEN),
        ((("a",), S, -1, None), HIDDEN),
        ((("a",), S, 2**40, None), HIDDEN),
        (((b"a",), S, 1),),
        (((True,), S, 1),),
        ((tuple("abcdefghijklmnopqrstuvwxyzabcdefg"), S, 1),),
        ("a",),
        (5,),
        ((("a",), S, 2**70),),
        ((("\ud800",), S, 1),),
    ],
)
def test_tokens_that_are_not_one_tree_are_malformed(tokens):
    assert _refusal(HIDDEN, *tokens) == "malformed"


@pytest.mark.parametrize(("schema", "version"), [("", 1), ("s" * 65, 1), ("s", -1), ("\ud800", 1)])
def test_a_schema_out_of_range_is_malformed(schema, version):
    assert _refusal(HIDDEN, HIDDEN, schema=schema, version=version) == "malformed"


def test_size_is_bounded():
    assert _refusal(HIDDEN, *([HIDDEN] * (TOKENS_MAX + 1))) == "too_large"
    with pytest.raises(DisclosureError) as refused:
        decode_disclosure(bytes(DISCLOSURE_BYTES_MAX + 1))
    assert refused.value.reason == "too_large"


@pytest.mark.parametrize("value", [1, (), ("s", 1), ("s", True, ()), (b"s", 1, ()), ("s", 1, "x")])
def test_bytes_of_another_shape_are_malformed(value):
    with pytest.raises(DisclosureError) as refused:
        decode_disclosure(encode(value))
    assert refused.value.reason == "malformed"


def test_paths_are_written_for_people():
    assert format_path(("lines", 0, "tags", 2)) == "lines[0].tags[2]"
