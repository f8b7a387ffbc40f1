"""Who stands behind a header of a receipt beside the operator: countersigners of it or after it.

Rules this file keeps:
 1. Of each key the earliest countersignature from the header on is taken, within the bound of the
    file's format; so the chain of later headers is as short as it can be.  Keys that the genesis
    file names come first: no other one takes the room of a countersigner that a verifier knows.
 2. Where a later header is not here, the countersignatures from there on are left out.
"""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet

import msgspec

from xinlian.crypto.codec import Value, decode
from xinlian.crypto.receipt_format import LATER_HEADERS_MAX, SIGNATURES_MAX
from xinlian.ledger.countersignature import Countersignature, CountersignatureStore
from xinlian.ledger.header import SignedHeader, encode_head

_KEYS_CONSIDERED_MAX = 4_096
"""Countersignatures that are looked through for the earliest of each key."""

Attest = Callable[[SignedHeader], Value]
"""Makes the attested header of a receipt from a signed one."""


def unattested(signed: SignedHeader) -> Value:
    """Return an attested header that nobody countersigned."""
    return _attested(signed, (), ())


def attested(
    signed: SignedHeader,
    header_at: Callable[[int], SignedHeader | None],
    countersignatures: CountersignatureStore,
    genesis_keys: AbstractSet[bytes] = frozenset(),
) -> Value:
    """Return an attested header with the countersignatures that a node has of it.

    Those of ``genesis_keys`` are taken first; others as far as there is room.
    """
    first = signed.header.height
    earliest: dict[bytes, Countersignature] = {}
    last_possible = first + LATER_HEADERS_MAX
    # of the known keys all are found, however many others countersigned before them
    known = countersignatures.between(first, last_possible, _KEYS_CONSIDERED_MAX, genesis_keys)
    others = countersignatures.between(first, last_possible, _KEYS_CONSIDERED_MAX)
    for entry in (*known, *others):
        earliest.setdefault(entry.public_key, entry)
    # the sort is stable: among the known, and among the others, the earliest stay first
    known_first = sorted(earliest.values(), key=lambda entry: entry.public_key not in genesis_keys)[
        :SIGNATURES_MAX
    ]
    entries = sorted(known_first, key=lambda entry: (entry.height, entry.public_key))
    last = entries[-1].height if entries else first
    later: list[bytes] = []
    for height in range(first + 1, last + 1):
        found = header_at(height)
        if found is None:
            entries = [entry for entry in entries if entry.height < height]
            break
        later.append(msgspec.msgpack.encode(found.header))
    reached = entries[-1].height - first if entries else 0
    return _attested(signed, later[:reached], entries)


def _attested(
    signed: SignedHeader,
    later: Sequence[bytes],
    entries: Sequence[Countersignature],
) -> Value:
    head = decode(encode_head(signed))
    if not isinstance(head, tuple):
        raise TypeError("a signed header is an array")
    signatures = tuple((entry.height, entry.public_key, entry.signature) for entry in entries)
    return *head, tuple(later), signatures, ()
