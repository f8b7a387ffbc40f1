"""Hypothesis strategies for values of this ledger; public, so users can test their own modules.

Needs ``hypothesis``, which only tests install: import this module by its full name.
"""

from hypothesis import strategies as st

from xinlian.crypto.codec import Value
from xinlian.primitives import AMOUNT_MINOR_MAX, ID_BYTES

INTEGER_MIN = -(2**63)
INTEGER_MAX = 2**64 - 1

ids: st.SearchStrategy[bytes] = st.binary(min_size=ID_BYTES, max_size=ID_BYTES)
"""Ids of 20 bytes."""

hashes: st.SearchStrategy[bytes] = st.binary(min_size=32, max_size=32)
"""Commitments of 32 bytes."""

amounts_minor: st.SearchStrategy[int] = st.integers(0, AMOUNT_MINOR_MAX)
"""Amounts over their whole range."""

integers: st.SearchStrategy[int] = st.one_of(
    st.integers(INTEGER_MIN, INTEGER_MAX),
    st.sampled_from(
        [2**n + offset for n in (5, 7, 8, 15, 16, 31, 32, 63) for offset in (-1, 0, 1)]
    ),
    st.sampled_from([-(2**n) + offset for n in (5, 7, 8, 15, 31) for offset in (-1, 0, 1)]),
)
"""Integers that have a canonical encoding, with a preference for the edges of its widths."""

scalars: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    integers,
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.binary(max_size=300),
)
"""Values without parts."""

values: st.SearchStrategy[Value] = st.recursive(
    scalars,
    lambda parts: st.lists(parts, max_size=20).map(tuple),
    max_leaves=30,
)
"""Values that have a canonical encoding; arrays are tuples, as decoding gives them."""

state_entries: st.SearchStrategy[dict[bytes, bytes]] = st.dictionaries(
    st.binary(min_size=3, max_size=40),
    st.binary(max_size=80),
    max_size=200,
)
"""Entries of a state: key → value."""
