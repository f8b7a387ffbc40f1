"""Headers of the embedded engine: who signed, who countersigned, and what follows from it.

Rules this file keeps:
 1. Every signature that a file carries must verify; one is an operator's of the root of trust.
 2. Later headers follow one another by height, time and hash from the header that is proven; the
    last one is there because somebody countersigned or stamped it.
 3. A countersignature is of the header itself or of a later one, which commits to it.  The key of
    an operator countersigns nothing.
 4. Where the root is a checkpoint, the chain of headers may not pass it by.
"""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Final

from xinlian.crypto.codec import Value, encode
from xinlian.crypto.ed25519_reference import verify as verify_ed25519
from xinlian.crypto.hashing import HASH_BYTES, Domain, tagged_hash
from xinlian.crypto.receipt_format import (
    HEADER_FIELDS,
    LATER_HEADERS_MAX,
    SIGNATURES_MAX,
    TIME_STAMP_BYTES_MAX,
    TIME_STAMPS_MAX,
)
from xinlian.verifier.reading import (
    VerificationFailed,
    array_of,
    bytes_of,
    cut,
    decoded,
    integer_of,
    list_of,
)
from xinlian.verifier.report import Countersigner, ProvenHeader, TimeStamp
from xinlian.verifier.trust import TrustRoot

SIGNED_FIELDS: Final = 2
ATTESTED_FIELDS: Final = 5
_HEADER_VERSION: Final = 1
_APP_HASH_VERSION: Final = 1
_UINT32_MAX: Final = 2**32 - 1
_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64

CheckTimeStamp = Callable[[bytes, bytes], tuple[int, str]]
"""(token, header hash) → (time in milliseconds, who says so); raises VerificationFailed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Header:
    """A header of the chain, its fields of the types that they must have."""

    height: int
    time_ms: int
    previous_hash: bytes
    transactions_root: bytes
    transaction_count: int
    state_root: bytes
    results_root: bytes
    events_root: bytes
    app_version: int
    app_hash: bytes
    hash: bytes


def verify_header(
    value: Value,
    root: TrustRoot,
    check_time_stamp: CheckTimeStamp | None = None,
) -> tuple[Header, ProvenHeader]:
    """Return a signed or attested header and who stands behind it; raises VerificationFailed."""
    if root.validators:
        raise VerificationFailed("engine", "a network's headers are committed, not signed by one")
    has_more = isinstance(value, tuple) and len(value) == ATTESTED_FIELDS
    fields = array_of(value, ATTESTED_FIELDS if has_more else SIGNED_FIELDS, "header")
    header = read_header(encode(array_of(fields[0], len(HEADER_FIELDS), "header")), root)
    operators = _operators_of(header, fields[1], root)
    check_app_hash(header)
    proven = ProvenHeader(
        height=header.height,
        time_ms=header.time_ms,
        hash=header.hash.hex(),
        operators=tuple(key.hex() for key in operators),
    )
    later, countersignatures, stamps = fields[SIGNED_FIELDS:] if has_more else ((), (), ())
    chain = [header, *_later_headers(header, later, root)]
    signers, unknown = _countersigners(chain, countersignatures, root)
    found = _time_stamps(chain, stamps, check_time_stamp)
    reached = {entry.height for entry in signers} | {height for height, _ in unknown}
    reached |= {stamp.height for stamp in found}
    if len(chain) > 1 and chain[-1].height not in reached:
        raise VerificationFailed("later header", "nobody countersigned or stamped the last one")
    return header, dataclasses.replace(
        proven,
        countersigners=tuple(signers),
        unknown_keys=tuple(key.hex() for _, key in unknown),
        time_stamps=tuple(found),
        is_checkpoint=meets_checkpoint(chain, root),
    )


def read_header(encoded: bytes, root: TrustRoot, step: str = "header") -> Header:
    """Return a header of the root's chain, of which nothing is proven yet.

    Raises:
        VerificationFailed: it is malformed, of another version, chain or clock.
    """
    values = array_of(decoded(encoded, step), len(HEADER_FIELDS), step)
    fields = dict(zip(HEADER_FIELDS, values, strict=True))
    if fields["version"] != _HEADER_VERSION:
        raise VerificationFailed(step, cut(f"unknown version {fields['version']!r}"))
    if fields["chain_id"] != root.chain_id:
        raise VerificationFailed(root.kind, "the header is of another chain")
    if fields["simulated"] is not root.is_simulated:
        raise VerificationFailed("clock", f"header and {root.kind} disagree about the clock")
    return Header(
        height=integer_of(fields["height"], step),
        time_ms=integer_of(fields["time_ms"], step),
        previous_hash=bytes_of(fields["previous_hash"], step, HASH_BYTES),
        transactions_root=bytes_of(fields["transactions_root"], step, HASH_BYTES),
        transaction_count=integer_of(fields["transaction_count"], step, _UINT32_MAX),
        state_root=bytes_of(fields["state_root"], step, HASH_BYTES),
        results_root=bytes_of(fields["results_root"], step, HASH_BYTES),
        events_root=bytes_of(fields["events_root"], step, HASH_BYTES),
        app_version=integer_of(fields["app_version"], step, _UINT32_MAX),
        app_hash=bytes_of(fields["app_hash"], step, HASH_BYTES),
        hash=tagged_hash(Domain.HEADER, encoded),
    )


def follows(later: Header, earlier: Header) -> bool:
    """Return whether a header names another one as the one before it."""
    return later.previous_hash == earlier.hash


def _operators_of(header: Header, signatures: Value, root: TrustRoot) -> list[bytes]:
    """Return the operators that signed a header; every signature must be good."""
    step = "header signature"
    message = tagged_hash(Domain.HEADER_SIGNATURE, header.hash)
    found: list[bytes] = []
    for entry in list_of(signatures, SIGNATURES_MAX, step):
        key, signature = array_of(entry, 2, step)
        public_key = bytes_of(key, step, _KEY_BYTES)
        if public_key not in root.operators or public_key in found:
            raise VerificationFailed(step, f"it is by no operator of the {root.kind}, or twice")
        if not verify_ed25519(public_key, message, bytes_of(signature, step, _SIGNATURE_BYTES)):
            raise VerificationFailed(step, "it does not verify")
        found.append(public_key)
    if not found:
        raise VerificationFailed(step, f"no operator of the {root.kind} signed the header")
    return found


def check_app_hash(header: Header) -> None:
    """Refuse a header whose application hash does not follow from its roots."""
    expected = tagged_hash(
        Domain.APP_HASH,
        _APP_HASH_VERSION.to_bytes(4, "big"),
        header.height.to_bytes(8, "big"),
        header.state_root,
        header.results_root,
        header.events_root,
        header.app_version.to_bytes(4, "big"),
    )
    if header.app_hash != expected:
        raise VerificationFailed("application hash", "it does not follow from the roots")


def _later_headers(first: Header, later: Value, root: TrustRoot) -> list[Header]:
    step = "later header"
    found: list[Header] = []
    before = first
    for encoded in list_of(later, LATER_HEADERS_MAX, step):
        header = read_header(bytes_of(encoded, step), root, step)
        in_order = header.height == before.height + 1 and header.time_ms > before.time_ms
        if not in_order or not follows(header, before):
            raise VerificationFailed(step, f"height {header.height} does not follow the one before")
        found.append(header)
        before = header
    return found


def _countersigners(
    chain: Sequence[Header],
    countersignatures: Value,
    root: TrustRoot,
) -> tuple[list[Countersigner], list[tuple[int, bytes]]]:
    """Return who countersigned, and (height, key) of keys that the root does not name."""
    step = "countersignature"
    known: list[Countersigner] = []
    unknown: list[tuple[int, bytes]] = []
    last: tuple[int, bytes] = (-1, b"")
    for entry in list_of(countersignatures, SIGNATURES_MAX, step):
        height, key, signature = array_of(entry, 3, step)
        public_key = bytes_of(key, step, _KEY_BYTES)
        header = _at_height(chain, height, step)
        place = (header.height, public_key)
        if place <= last:
            raise VerificationFailed(step, "they are not in ascending order, or one is twice")
        last = place
        if public_key in root.operators:
            raise VerificationFailed(step, "an operator's key countersigns nothing")
        message = tagged_hash(Domain.COUNTERSIGNATURE, header.hash)
        if not verify_ed25519(public_key, message, bytes_of(signature, step, _SIGNATURE_BYTES)):
            raise VerificationFailed(step, f"of height {header.height}: it does not verify")
        party = root.parties.get(public_key)
        if party is None:
            unknown.append(place)
            continue
        known.append(
            Countersigner(
                code=party.code,
                name=party.name,
                kind=party.kind,
                is_operator=party.is_operator,
                public_key=public_key.hex(),
                height=header.height,
            ),
        )
    return known, unknown


def _time_stamps(
    chain: Sequence[Header],
    stamps: Value,
    check: CheckTimeStamp | None,
) -> list[TimeStamp]:
    step = "time stamp"
    found: list[TimeStamp] = []
    last: tuple[int, bytes] = (-1, b"")
    for entry in list_of(stamps, TIME_STAMPS_MAX, step):
        height, token = array_of(entry, 2, step)
        token_bytes = bytes_of(token, step)
        header = _at_height(chain, height, step)
        if (header.height, token_bytes) <= last or len(token_bytes) > TIME_STAMP_BYTES_MAX:
            raise VerificationFailed(step, "they are not in ascending order, or one is too large")
        last = (header.height, token_bytes)
        if check is None:
            found.append(TimeStamp(header.height, is_checked=False))
            continue
        time_ms, authority = check(token_bytes, header.hash)
        found.append(TimeStamp(header.height, True, time_ms, authority))  # noqa: FBT003 - is_checked
    return found


def _at_height(chain: Sequence[Header], height: Value, step: str) -> Header:
    at = integer_of(height, step) - chain[0].height
    if not 0 <= at < len(chain):
        raise VerificationFailed(step, "it is of a height that the file does not show")
    return chain[at]


def meets_checkpoint(chain: Sequence[Header], root: TrustRoot) -> bool:
    """Return whether a chain of headers holds the checkpoint's; raises VerificationFailed."""
    at = root.height - chain[0].height
    if root.height < 0 or not 0 <= at < len(chain):
        return False
    if chain[at].hash != root.header_hash:
        raise VerificationFailed(
            "checkpoint",
            f"the file shows another header of height {root.height}: one of the two is of a "
            "second history",
        )
    return True
