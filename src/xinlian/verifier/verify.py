"""Verifying a receipt file against a genesis file or a checkpoint.

Steps, each named in a failure:
 1. the file decodes canonically and speaks a format, engine and hash suite that are known here;
 2. the root of trust is of the same chain; a simulated clock is refused unless allowed;
 3. an operator of the root signed each header, or validators of the root with more than two thirds
    of the power committed it (``cometbft.py``); every signature in the file verifies;
 4. the application hash follows from the header's roots;
 5. later headers follow one another, and countersignatures and time stamps are of them;
 6. the transaction, its result and its events are in the header's trees, under one id;
 7. each state entry is present, or absent, under the header's state root;
 8. a transaction has expired where its marker is absent at a height whose time lies in
    (valid_until, valid_until + 24 h]: earlier it could still be ordered, later the marker of one
    that was ordered is gone too.

The mode is ``archival``: all that is needed is in the file, and no trusting period applies; or
``live`` where the caller asks for it (``live.py``).  What the result rests on is in the report, in
words (``words.py``).
"""

import dataclasses
from collections.abc import Sequence
from typing import Final, NamedTuple

from xinlian.crypto.codec import Value
from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.crypto.merkle import MerkleError, root_from_inclusion_path
from xinlian.crypto.receipt_format import (
    ENGINE_COMETBFT,
    ENGINE_EMBEDDED,
    HASH_SUITE,
    MARKER_PREFIX,
    MARKER_RETENTION_MS,
    RECEIPT_BYTES_MAX,
    RECEIPT_FORMAT,
    RECEIPT_FORMAT_1,
    STATE_PROOFS_MAX,
)
from xinlian.crypto.state_proof import ProofError, verify_state_proof
from xinlian.verifier.cometbft import (
    check_in_block,
    require_chain_record,
    verify_committed_header,
)
from xinlian.verifier.headers import (
    ATTESTED_FIELDS,
    SIGNED_FIELDS,
    CheckTimeStamp,
    Header,
    verify_header,
)
from xinlian.verifier.live import Live, require_live
from xinlian.verifier.reading import (
    VerificationFailed,
    array_of,
    bytes_of,
    cut,
    decoded,
    integer_of,
    list_of,
    text_of,
)
from xinlian.verifier.report import Entry, ProvenHeader, Report
from xinlian.verifier.trust import TrustRoot, root_of_genesis
from xinlian.verifier.words import assumption_of

_BODY_FIELDS: Final = 7
_BODY_CALLS: Final = 6
_RESULT_FIELDS: Final = 6
_TRANSACTION_FIELDS: Final = 8
_EXPIRY_FIELDS: Final = 3
_PARTS: Final = 5
_PATH_MAX: Final = 64
_CALLS_MAX: Final = 100_000
_CODE_MAX: Final = 2**31 - 1
_MARKER_PAYER_BYTES: Final = 20
_MARKER_KEY_BYTES: Final = 16


class Verified(NamedTuple):
    """A header that was verified, and who stands behind it."""

    header: Header
    proven: ProvenHeader
    block_root: bytes = b""
    """Of the transactions in the engine's own block, where a network committed it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Check:
    """What every part of a file is checked with."""

    root: TrustRoot
    time_stamp: CheckTimeStamp | None
    engine: str = ENGINE_EMBEDDED

    def header(self, value: Value, fields: int) -> Verified:
        """Return a header that has as many fields as the file's format says."""
        if self.engine == ENGINE_COMETBFT:
            return Verified(*verify_committed_header(value, self.root))
        found = verify_header(array_of(value, fields, "header"), self.root, self.time_stamp)
        return Verified(*found)


def verify_receipt(
    data: bytes,
    root: bytes | TrustRoot,
    *,
    allow_simulated: bool = False,
    check_time_stamp: CheckTimeStamp | None = None,
    live: Live | None = None,
) -> Report:
    """Return what a receipt file proves.

    Args:
        data: the file.
        root: a genesis file's bytes, or the root of trust that a checkpoint is.
        allow_simulated: whether a rehearsal's clock is accepted.
        check_time_stamp: judges time stamps; without it they are told as not checked.
        live: asks for the live mode; without it the mode is archival.

    Raises:
        VerificationFailed: with the step that failed and why.
    """
    fields = fields_of(data)
    if fields[0] not in (RECEIPT_FORMAT, RECEIPT_FORMAT_1):
        raise VerificationFailed("format", cut(f"unknown format {fields[0]!r}"))
    transaction_part, state_part = _parts(fields)
    trusted = root_of_genesis(root) if isinstance(root, bytes) else root
    require_clock(trusted, allow_simulated=allow_simulated)
    check = Check(trusted, check_time_stamp, text_of(fields[1], "format"))
    size = ATTESTED_FIELDS if fields[0] == RECEIPT_FORMAT else SIGNED_FIELDS
    report = dataclasses.replace(empty_report(trusted), engine=check.engine)
    if transaction_part is not None:
        is_expiry = len(transaction_part) == _EXPIRY_FIELDS
        verify_part = _verify_expiry if is_expiry else _verify_transaction
        report = verify_part(report, transaction_part, check.header(transaction_part[0], size))
    if state_part is not None:
        report = _verify_state(report, state_part, check.header(state_part[0], size))
    report = report if live is None else require_live(report, trusted, live)
    return with_words(report, trusted)


def format_of(data: bytes) -> str:
    """Return the name of a file's format; raises VerificationFailed where it has none."""
    if len(data) > RECEIPT_BYTES_MAX:
        raise VerificationFailed("format", "the file is larger than 4 MiB")
    fields = decoded(data, "format")
    if not isinstance(fields, tuple) or not fields or not isinstance(fields[0], str):
        raise VerificationFailed("format", "not a receipt")
    return fields[0]


def fields_of(data: bytes) -> Sequence[Value]:
    """Return the five values of a file whose engine and hash suite are known here."""
    format_of(data)
    fields = array_of(decoded(data, "format"), _PARTS, "format")
    for name, known, found in (
        ("engine", (ENGINE_EMBEDDED, ENGINE_COMETBFT), fields[1]),
        ("hash suite", (HASH_SUITE,), fields[2]),
    ):
        if found not in known:
            raise VerificationFailed("format", cut(f"unknown {name} {found!r}"))
    return fields


def _parts(fields: Sequence[Value]) -> tuple[Sequence[Value] | None, Sequence[Value] | None]:
    transaction_part, state_part = fields[3], fields[4]
    if transaction_part is None and state_part is None:
        raise VerificationFailed("format", "the file proves nothing")
    is_expiry = isinstance(transaction_part, tuple) and len(transaction_part) == _EXPIRY_FIELDS
    count = _EXPIRY_FIELDS if is_expiry else _TRANSACTION_FIELDS
    return (
        None if transaction_part is None else array_of(transaction_part, count, "format"),
        None if state_part is None else array_of(state_part, 2, "format"),
    )


def require_clock(root: TrustRoot, *, allow_simulated: bool) -> None:
    """Refuse a simulated clock unless it is allowed; raises VerificationFailed."""
    if root.is_simulated and not allow_simulated:
        raise VerificationFailed(
            "clock",
            "this chain's clock is simulated: a rehearsal proves nothing in earnest",
        )


def empty_report(root: TrustRoot) -> Report:
    """Return a report of a root that has proven nothing yet."""
    return Report(
        chain_id=root.chain_id,
        is_simulated=root.is_simulated,
        assumption="",
        heights=(),
        time_ms=0,
        engine=ENGINE_EMBEDDED,
        trust_root=root.kind,
    )


def with_header(report: Report, header: Header, proven: ProvenHeader) -> Report:
    """Return a report with one more header."""
    return dataclasses.replace(
        report,
        heights=(*report.heights, header.height),
        time_ms=max(report.time_ms, header.time_ms),
        headers=(*report.headers, proven),
    )


def with_words(report: Report, root: TrustRoot) -> Report:
    """Return a report that says what it rests on."""
    english, chinese = assumption_of(root, report.headers, report.mode)
    return dataclasses.replace(report, assumption=english, assumption_zh=chinese)


def _verify_transaction(
    report: Report,
    part: Sequence[Value],
    verified: Verified,
) -> Report:
    _, raw, index, path, result, result_path, events, events_path = part
    header, proven, block_root = verified
    at, count = integer_of(index, "transaction"), header.transaction_count
    if block_root:
        check_in_block(bytes_of(raw, "transaction"), at, count, path, block_root)
    else:
        leaf, root = bytes_of(raw, "transaction"), header.transactions_root
        _verify_inclusion("transaction", leaf, (at, count), path, root)
    trees = (
        ("result", result, (at, count), result_path, header.results_root),
        ("events", events, (at + 1, count + 1), events_path, header.events_root),
    )
    for step, value, position, siblings, tree in trees:
        _verify_inclusion(step, bytes_of(value, step), position, siblings, tree)
    body = _transaction_body(raw)
    transaction_id = tagged_hash(Domain.TRANSACTION_ID, body)
    fields = array_of(decoded(result, "result"), _RESULT_FIELDS, "result")
    if fields[0] != transaction_id:
        raise VerificationFailed("result", "it is the result of another transaction")
    calls = array_of(decoded(body, "transaction"), _BODY_FIELDS, "transaction")[_BODY_CALLS]
    return dataclasses.replace(
        with_header(report, header, proven),
        transaction_id=transaction_id.hex(),
        codespace=text_of(fields[1], "result"),
        code=integer_of(fields[2], "result", _CODE_MAX),
        call_count=len(list_of(calls, _CALLS_MAX, "transaction")),
    )


def _verify_expiry(
    report: Report,
    part: Sequence[Value],
    verified: Verified,
) -> Report:
    step = "expiry"
    header, proven, block_root = verified
    if block_root:
        require_chain_record(part[0])
    body = _transaction_body(part[1])
    fields = array_of(decoded(body, "transaction"), _BODY_FIELDS, "transaction")
    _, chain_id, payer, idempotency_key, valid_until, _, _ = fields
    if chain_id != report.chain_id:
        raise VerificationFailed(step, "the transaction is of another chain")
    valid_until_ms = integer_of(valid_until, step)
    if not valid_until_ms < header.time_ms <= valid_until_ms + MARKER_RETENTION_MS:
        raise VerificationFailed(
            step,
            "the height's time does not lie in (valid_until, valid_until + 24 h]",
        )
    marker_key = (
        MARKER_PREFIX
        + bytes_of(payer, step, _MARKER_PAYER_BYTES)
        + bytes_of(idempotency_key, step, _MARKER_KEY_BYTES)
    )
    try:
        verify_state_proof(header.state_root, marker_key, None, bytes_of(part[2], step))
    except ProofError as error:
        raise VerificationFailed(step, str(error)) from None
    return dataclasses.replace(
        with_header(report, header, proven),
        expired_transaction_id=tagged_hash(Domain.TRANSACTION_ID, body).hex(),
    )


def _verify_state(
    report: Report,
    part: Sequence[Value],
    verified: Verified,
) -> Report:
    header, proven, _ = verified
    entries: list[Entry] = []
    for entry in list_of(part[1], STATE_PROOFS_MAX, "state"):
        key, value, proof = array_of(entry, 3, "state")
        key_bytes = bytes_of(key, "state")
        value_bytes = None if value is None else bytes_of(value, "state")
        proof_bytes = bytes_of(proof, "state")
        try:
            verify_state_proof(header.state_root, key_bytes, value_bytes, proof_bytes)
        except ProofError as error:
            raise VerificationFailed("state proof", str(error)) from None
        shown = None if value_bytes is None else value_bytes.hex()
        entries.append(Entry(key_bytes.hex(), shown, header.height))
    return dataclasses.replace(
        with_header(report, header, proven),
        entries=tuple(entries),
        present_keys=tuple(entry.key for entry in entries if entry.value is not None),
        absent_keys=tuple(entry.key for entry in entries if entry.value is None),
    )


def _verify_inclusion(
    step: str,
    leaf: bytes,
    position: tuple[int, int],
    path: Value,
    root: bytes,
) -> None:
    siblings = [bytes_of(sibling, step) for sibling in list_of(path, _PATH_MAX, step)]
    try:
        found = root_from_inclusion_path(leaf, *position, siblings)
    except MerkleError as error:
        raise VerificationFailed(step, str(error)) from None
    if found != root:
        raise VerificationFailed(step, "it is not in the header's tree")


def _transaction_body(raw: Value) -> bytes:
    body, _ = array_of(decoded(raw, "transaction"), 2, "transaction")
    return bytes_of(body, "transaction")
