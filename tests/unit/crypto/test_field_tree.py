"""The salted field tree: what a root commits to, and what an opening of some fields shows."""

import hashlib
import hmac

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from xinlian.crypto.codec import encode
from xinlian.crypto.field_tree import (
    LEAVES_MAX,
    DisclosureError,
    FieldTreeError,
    decode_disclosure,
    disclose,
    document_root,
    encode_disclosure,
    verify_disclosure,
)
from xinlian.crypto.hashing import Domain

SALT = bytes(range(32))
INVOICE = {
    "number": "FP-2026-0001",
    "due_day": None,
    "accepts": True,
    "seller": {"name": "演示一级供应商", "uscc": None},
    "lines": [
        {"line_no": "1", "net_minor": 1_000_00, "tags": []},
        {"line_no": "2", "net_minor": 2_000_00, "tags": ["a", "b", "c"]},
        {"line_no": "3", "net_minor": 3_000_00, "tags": ["d"]},
    ],
    "extra": {},
}

_scalars = st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=8)
_values = st.recursive(
    _scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=24,
)
_records = st.dictionaries(st.text(max_size=4), _values, max_size=5).filter(bool)


def _leaves(value, path=()):
    """Return path → scalar of a record, as a reader of this test would list them."""
    if isinstance(value, dict) and value:
        return {p: v for name in value for p, v in _leaves(value[name], (*path, name)).items()}
    if isinstance(value, list):
        return {p: v for i, item in enumerate(value) for p, v in _leaves(item, (*path, i)).items()}
    return {path: () if value == {} else value}


def _typed(values):
    """Keep 1 apart from True."""
    return {path: (type(value), value) for path, value in values.items()}


def test_the_root_is_the_documented_construction():
    """Two fields, hashed here by hand with hashlib and hmac alone."""

    def sha(domain, *fields):
        raw = b"".join(len(field).to_bytes(4, "big") + field for field in fields)
        return hashlib.sha256(bytes([domain]) + raw).digest()

    def derive(purpose, path):
        prk = hmac.new(bytes(32), SALT, hashlib.sha256).digest()
        return hmac.new(prk, encode((purpose, path)) + b"\x01", hashlib.sha256).digest()

    def salt(path):
        return derive("xinlian-field-salt-1", path)

    def leaf(path, value):
        return sha(Domain.FIELD_LEAF, encode(path), salt(path), encode(value))

    item_leaves = [leaf(("b", index), text) for index, text in enumerate(("x", "y", "z"))]
    pad = sha(Domain.FIELD_PAD, derive("xinlian-pad-salt-1", ("b", 3)))
    left = sha(Domain.FIELD_NODE, *item_leaves[:2])
    right = sha(Domain.FIELD_NODE, item_leaves[2], pad)
    items = sha(Domain.FIELD_NODE, left, right)
    listed = sha(Domain.FIELD_LIST, encode(("b",)), salt(("b",)), encode(3), items)
    tree = sha(Domain.FIELD_NODE, leaf(("a",), None), listed)
    expected = sha(Domain.DOCUMENT_ROOT, b"order", (7).to_bytes(4, "big"), tree)
    assert document_root("order", 7, {"b": ["x", "y", "z"], "a": None}, SALT) == expected


@given(_records, st.randoms(use_true_random=False))
def test_the_order_of_keys_never_matters(record, random):
    def shuffled(value):
        if isinstance(value, dict):
            names = list(value)
            random.shuffle(names)
            return {name: shuffled(value[name]) for name in names}
        return [shuffled(item) for item in value] if isinstance(value, list) else value

    assert document_root("s", 1, record, SALT) == document_root("s", 1, shuffled(record), SALT)


def test_lists_and_tuples_are_one():
    assert document_root("s", 1, {"a": [1, [2]]}, SALT) == document_root(
        "s", 1, {"a": (1, (2,))}, SALT
    )


@given(_records, st.data())
def test_any_subset_of_fields_can_be_opened_and_nothing_else_is(record, data):
    leaves = _leaves(record)
    names = st.sampled_from(sorted(leaves, key=repr)) if leaves else st.nothing()
    chosen = data.draw(st.lists(names, unique_by=repr))
    disclosure = disclose("s", 1, record, SALT, chosen)
    sent = decode_disclosure(encode_disclosure(disclosure))
    opened = verify_disclosure(document_root("s", 1, record, SALT), sent)
    assert (opened.schema, opened.version) == ("s", 1)
    assert _typed(opened.values) == _typed({path: leaves[path] for path in chosen})


@given(st.binary(min_size=1, max_size=1), st.integers(min_value=0))
def test_a_disclosure_with_any_byte_changed_proves_nothing(byte, position):
    root = document_root("invoice", 1, INVOICE, SALT)
    raw = encode_disclosure(disclose("invoice", 1, INVOICE, SALT, [("lines", 1), ("due_day",)]))
    at = position % len(raw)
    changed = raw[:at] + byte + raw[at + 1 :]
    assume(changed != raw)
    with pytest.raises(DisclosureError):
        verify_disclosure(root, decode_disclosure(changed))


@pytest.mark.parametrize("cut", [0, 1, 40, -1])
def test_a_truncated_disclosure_is_malformed(cut):
    raw = encode_disclosure(disclose("invoice", 1, INVOICE, SALT, [("number",)]))
    with pytest.raises(DisclosureError) as refused:
        decode_disclosure(raw[:cut])
    assert refused.value.reason == "malformed"


@given(_records, st.data())
def test_changing_any_one_field_changes_the_root(record, data):
    leaves = _leaves(record)
    assume(leaves)
    path = data.draw(st.sampled_from(sorted(leaves, key=repr)))
    value = data.draw(_scalars)
    old = leaves[path]
    assume(type(old) is not type(value) or old != value)
    changed = _replaced(record, path, value)
    assert document_root("s", 1, record, SALT) != document_root("s", 1, changed, SALT)


def _replaced(value, path, new):
    if not path:
        return new
    step, *rest = path
    if isinstance(value, dict):
        return {**value, step: _replaced(value[step], rest, new)}
    return [_replaced(item, rest, new) if i == step else item for i, item in enumerate(value)]


@pytest.mark.parametrize(
    ("schema", "version", "salt"),
    [("order", 1, SALT), ("invoice", 2, SALT), ("invoice", 1, bytes(32))],
)
def test_schema_version_and_salt_are_committed(schema, version, salt):
    assert document_root(schema, version, INVOICE, salt) != document_root(
        "invoice", 1, INVOICE, SALT
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": None}, {}),
        ({"a": None}, {"a": {}}),
        ({"a": []}, {"a": {}}),
        ({"a": []}, {"a": None}),
        ({"a": [None]}, {"a": []}),
        ({"a": [1]}, {"a": {"0": 1}}),
        ({"a": 1}, {"a": True}),
        ({"a": 0}, {"a": False}),
        ({"a": "1"}, {"a": 1}),
        ({"a": {"b": 1}}, {"a.b": 1}),
        ({"a": [[1], []]}, {"a": [[], [1]]}),
    ],
)
def test_records_that_look_alike_have_different_roots(one, other):
    assert document_root("s", 1, one, SALT) != document_root("s", 1, other, SALT)


def test_absence_is_shown():
    root = document_root("invoice", 1, INVOICE, SALT)
    disclosure = disclose("invoice", 1, INVOICE, SALT, [("due_day",), ("seller", "uscc")])
    assert verify_disclosure(root, disclosure).values == {
        ("due_day",): None,
        ("seller", "uscc"): None,
    }


def test_an_item_of_a_list_comes_with_the_list_s_length():
    root = document_root("invoice", 1, INVOICE, SALT)
    disclosure = disclose("invoice", 1, INVOICE, SALT, [("lines", 1, "tags", 2)])
    opened = verify_disclosure(root, disclosure)
    assert opened.values == {("lines", 1, "tags", 2): "c"}
    assert opened.list_lengths == {("lines",): 3, ("lines", 1, "tags"): 3}


def test_a_path_to_a_record_or_list_opens_all_below_it():
    root = document_root("invoice", 1, INVOICE, SALT)
    whole = verify_disclosure(root, disclose("invoice", 1, INVOICE, SALT, [()]))
    line = verify_disclosure(root, disclose("invoice", 1, INVOICE, SALT, [("lines", 0)]))
    assert whole.values == {**_leaves(INVOICE), ("extra",): ()}
    assert line.values == {("lines", 0, "line_no"): "1", ("lines", 0, "net_minor"): 1_000_00}
    assert line.list_lengths == {("lines",): 3, ("lines", 0, "tags"): 0}


def test_two_readers_with_different_rights_see_one_record():
    root = document_root("invoice", 1, INVOICE, SALT)
    bank = verify_disclosure(root, disclose("invoice", 1, INVOICE, SALT, [("number",), ("lines",)]))
    auditor = verify_disclosure(root, disclose("invoice", 1, INVOICE, SALT, [("number",)]))
    assert bank.values["number",] == auditor.values["number",]


def test_a_hidden_field_s_text_is_not_in_the_disclosure():
    raw = encode_disclosure(disclose("invoice", 1, INVOICE, SALT, [("number",)]))
    assert "演示一级供应商".encode() not in raw
    assert SALT not in raw


def test_padding_looks_like_a_field():
    """Of 3 and of 4 fields the same is seen: as many hashes, none of them known beforehand."""
    three = disclose("s", 1, {"a": 1, "b": 2, "c": 3}, SALT, [("a",)])
    four = disclose("s", 1, {"a": 1, "b": 2, "c": 3, "d": 4}, SALT, [("a",)])
    other = disclose("s", 1, {"a": 1, "b": 2, "c": 3}, bytes(32), [("a",)])
    assert len(three.tokens) == len(four.tokens)
    assert not set(three.tokens[1:]) & set(other.tokens[1:]) - {None}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"a": 1.5}, "unsupported_type"),
        ({"a": b"x"}, "unsupported_type"),
        ({1: "a"}, "unsupported_type"),
        ({"a": {None: "a"}}, "unsupported_type"),
        ([("a", 1)], "not_a_record"),
        ({"a": 2**64}, "no_encoding"),
        ({"a": -(2**63) - 1}, "no_encoding"),
        ({"a": "\ud800"}, "no_encoding"),
        ({"\ud800": 1}, "no_encoding"),
        ({"a": [0] * LEAVES_MAX}, "too_many_fields"),
    ],
)
def test_a_record_that_cannot_be_committed_is_refused(fields, reason):
    with pytest.raises(FieldTreeError) as refused:
        document_root("s", 1, fields, SALT)
    assert refused.value.reason == reason


def _nested(depth, kind):
    value: object = 1
    for _ in range(depth):
        value = [value] if kind is list else {"a": value}
    return {"top": value}


@pytest.mark.parametrize("kind", [list, dict])
def test_depth_is_bounded(kind):
    record = _nested(31, kind)
    opened = verify_disclosure(
        document_root("s", 1, record, SALT), disclose("s", 1, record, SALT, [()])
    )
    assert list(opened.values.values()) == [1]
    for depth in (32, 10_000):
        with pytest.raises(FieldTreeError) as refused:
            document_root("s", 1, _nested(depth, kind), SALT)
        assert refused.value.reason == "too_deep"


@pytest.mark.parametrize("path", [("nothing",), ("lines", 3), ("lines", "0"), ("number", 0)])
def test_a_path_that_names_nothing_is_refused(path):
    with pytest.raises(FieldTreeError) as refused:
        disclose("invoice", 1, INVOICE, SALT, [("number",), path])
    assert (refused.value.reason, refused.value.path) == ("unknown_path", path)


@pytest.mark.parametrize(("schema", "version"), [("", 1), ("s" * 65, 1), ("s", -1), ("s", 2**32)])
def test_a_schema_name_or_version_out_of_range_is_refused(schema, version):
    for build in (
        lambda: document_root(schema, version, INVOICE, SALT),
        lambda: disclose(schema, version, INVOICE, SALT, [()]),
    ):
        with pytest.raises(FieldTreeError) as refused:
            build()
        assert refused.value.reason == "schema"


@pytest.mark.parametrize("salt", [b"", bytes(31), bytes(33)])
def test_a_salt_of_another_size_is_refused(salt):
    with pytest.raises(FieldTreeError) as refused:
        document_root("s", 1, INVOICE, salt)
    assert refused.value.reason == "salt_size"
