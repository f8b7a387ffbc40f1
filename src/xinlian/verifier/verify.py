"""Verifying a receipt file against a genesis file.

Steps, each named in a failure:
 1. the file decodes canonically and speaks a format, engine and hash suite that are known here;
 2. the genesis file is of the same chain; a simulated clock is refused unless allowed;
 3. an operator of the genesis file signed each header;
 4. the application hash follows from the header's roots;
 5. the transaction, its result and its events are in the header's trees, under one id;
 6. each state entry is present, or absent, under the header's state root;
 7. a transaction has expired where its marker is absent at a height whose time lies in
    (valid_until, valid_until + 24 h]: earlier it could still be ordered, later the marker of one
    that was ordered is gone too.

What it rests on (embedded engine): the operator ordered the chain and signed one header a height.
Countersigned heads and anchors strengthen that; without them an operator could show two strangers
two histories.
"""

import dataclasses
import json
from collections.abc import Sequence
from typing import Any, Final

from xinlian.crypto.codec import CodecError, Value, decode, encode
from xinlian.crypto.ed25519_reference import verify as verify_ed25519
from xinlian.crypto.hashing import Domain, tagged_hash
from xinlian.crypto.merkle import MerkleError, root_from_inclusion_path
from xinlian.crypto.receipt_format import (
    ENGINE_EMBEDDED,
    HASH_SUITE,
    HEADER_FIELDS,
    MARKER_PREFIX,
    MARKER_RETENTION_MS,
    RECEIPT_BYTES_MAX,
    RECEIPT_FORMAT,
    STATE_PROOFS_MAX,
)
from xinlian.crypto.state_proof import ProofError, verify_state_proof

_APP_HASH_VERSION: Final = 1
_BODY_FIELDS: Final = 7
_BODY_CALLS: Final = 6
_TRANSACTION_FIELDS: Final = 8
_EXPIRY_FIELDS: Final = 3
_PARTS: Final = 5
_ASSUMPTION: Final = (
    "the operator of the embedded engine ordered this chain and signed one header a height"
)


class VerificationFailed(Exception):  # noqa: N818 - names what happened
    """The file does not prove what it claims; ``step`` says where."""

    def __init__(self, step: str, detail: str) -> None:
        super().__init__(f"{step}: {detail}")
        self.step = step
        self.detail = detail


@dataclasses.dataclass(frozen=True, slots=True)
class Report:
    """What a file proves."""

    chain_id: str
    is_simulated: bool
    assumption: str
    heights: tuple[int, ...]
    time_ms: int
    transaction_id: str = ""
    """Hexadecimal; empty where the file has no transaction."""
    code: int = 0
    codespace: str = ""
    call_count: int = 0
    expired_transaction_id: str = ""
    """Hexadecimal; of a transaction that was never ordered and never will be."""
    present_keys: tuple[str, ...] = ()
    absent_keys: tuple[str, ...] = ()


def verify_receipt(data: bytes, genesis: bytes, *, allow_simulated: bool = False) -> Report:
    """Return what a receipt file proves.

    Raises:
        VerificationFailed: with the step that failed and why.
    """
    transaction_part, state_part = _parts(data)
    chain = _genesis_of(genesis)
    if chain["clock"] == "simulated" and not allow_simulated:
        raise VerificationFailed(
            "clock",
            "this chain's clock is simulated: a rehearsal proves nothing in earnest",
        )
    report = Report(
        chain_id=str(chain["chain_id"]),
        is_simulated=chain["clock"] == "simulated",
        assumption=_ASSUMPTION,
        heights=(),
        time_ms=0,
    )
    if transaction_part is not None:
        is_expiry = len(transaction_part) == _EXPIRY_FIELDS
        verify_part = _verify_expiry if is_expiry else _verify_transaction
        report = verify_part(report, transaction_part, chain)
    if state_part is not None:
        report = _verify_state(report, state_part, chain)
    return report


def _parts(data: bytes) -> tuple[Sequence[Value] | None, Sequence[Value] | None]:
    if len(data) > RECEIPT_BYTES_MAX:
        raise VerificationFailed("format", "the file is larger than 4 MiB")
    try:
        fields = decode(data)
    except CodecError as error:
        raise VerificationFailed("format", f"not canonical: {error}") from None
    if not isinstance(fields, tuple) or len(fields) != _PARTS:
        raise VerificationFailed("format", "not a receipt")
    for name, expected, found in zip(
        ("format", "engine", "hash suite"),
        (RECEIPT_FORMAT, ENGINE_EMBEDDED, HASH_SUITE),
        fields,
        strict=False,
    ):
        if found != expected:
            raise VerificationFailed("format", f"unknown {name} {found!r}"[:200])
    transaction_part, state_part = fields[3], fields[4]
    if transaction_part is None and state_part is None:
        raise VerificationFailed("format", "the file proves nothing")
    is_expiry = isinstance(transaction_part, tuple) and len(transaction_part) == _EXPIRY_FIELDS
    fields_of_part = _EXPIRY_FIELDS if is_expiry else _TRANSACTION_FIELDS
    return _array_or_none(transaction_part, fields_of_part), _array_or_none(state_part, 2)


def _genesis_of(genesis: bytes) -> dict[str, Any]:
    try:
        chain = json.loads(genesis)
        keys = [bytes.fromhex(operator["public_key"]) for operator in chain["operators"]]
        return {"chain_id": chain["chain_id"], "clock": chain["clock"], "operators": keys}
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise VerificationFailed("genesis", f"not a genesis file: {error!r}"[:200]) from None


def _verify_header(signed: Value, chain: dict[str, Any]) -> dict[str, Any]:
    header, signatures = _array(signed, 2, "header")
    fields = dict(zip(HEADER_FIELDS, _array(header, len(HEADER_FIELDS), "header"), strict=True))
    if fields["chain_id"] != chain["chain_id"]:
        raise VerificationFailed("genesis", "the header is of another chain")
    if fields["simulated"] != (chain["clock"] == "simulated"):
        raise VerificationFailed("clock", "header and genesis disagree about the clock")
    message = tagged_hash(Domain.HEADER_SIGNATURE, tagged_hash(Domain.HEADER, encode(header)))
    for entry in _list(signatures, "header"):
        key, signature = (_bytes(value, "header") for value in _array(entry, 2, "header"))
        if key in chain["operators"] and verify_ed25519(key, message, signature):
            _check_app_hash(fields)
            return fields
    raise VerificationFailed("header signature", "no operator of the genesis file signed it")


def _check_app_hash(fields: dict[str, Any]) -> None:
    roots = [
        _bytes(fields[name], "header") for name in ("state_root", "results_root", "events_root")
    ]
    expected = tagged_hash(
        Domain.APP_HASH,
        _integer(_APP_HASH_VERSION, 4),
        _integer(fields["height"], 8),
        *roots,
        _integer(fields["app_version"], 4),
    )
    if fields["app_hash"] != expected:
        raise VerificationFailed("application hash", "it does not follow from the roots")


def _verify_transaction(
    report: Report,
    part: Sequence[Value],
    chain: dict[str, Any],
) -> Report:
    signed, raw, index, path, result, result_path, events, events_path = part
    header = _verify_header(signed, chain)
    if not isinstance(index, int) or isinstance(index, bool):
        raise VerificationFailed("transaction", "its index is not a number")
    count = header["transaction_count"]
    trees = (
        ("transaction", raw, index, count, path, "transactions_root"),
        ("result", result, index, count, result_path, "results_root"),
        ("events", events, index + 1, count + 1, events_path, "events_root"),
    )
    for step, leaf, position, leaves, siblings, root in trees:
        _verify_inclusion(step, _bytes(leaf, step), (position, leaves), siblings, header[root])
    body = _transaction_body(_bytes(raw, "transaction"))
    transaction_id = tagged_hash(Domain.TRANSACTION_ID, body)
    fields = _array(_decoded(result, "result"), 6, "result")
    if fields[0] != transaction_id:
        raise VerificationFailed("result", "it is the result of another transaction")
    calls = _array(_decoded(body, "transaction"), 7, "transaction")[_BODY_CALLS]
    return dataclasses.replace(
        report,
        heights=(*report.heights, header["height"]),
        time_ms=header["time_ms"],
        transaction_id=transaction_id.hex(),
        codespace=str(fields[1]),
        code=int(str(fields[2])),
        call_count=len(_list(calls, "transaction")),
    )


def _verify_expiry(report: Report, part: Sequence[Value], chain: dict[str, Any]) -> Report:
    header = _verify_header(part[0], chain)
    body = _transaction_body(_bytes(part[1], "transaction"))
    fields = _array(_decoded(body, "transaction"), _BODY_FIELDS, "transaction")
    _, chain_id, payer, idempotency_key, valid_until_ms, _, _ = fields
    if chain_id != chain["chain_id"]:
        raise VerificationFailed("expiry", "the transaction is of another chain")
    if isinstance(valid_until_ms, bool) or not isinstance(valid_until_ms, int):
        raise VerificationFailed("expiry", "its valid_until is not a number")
    if not valid_until_ms < header["time_ms"] <= valid_until_ms + MARKER_RETENTION_MS:
        raise VerificationFailed(
            "expiry",
            "the height's time does not lie in (valid_until, valid_until + 24 h]",
        )
    marker_key = MARKER_PREFIX + _bytes(payer, "expiry") + _bytes(idempotency_key, "expiry")
    try:
        verify_state_proof(header["state_root"], marker_key, None, _bytes(part[2], "expiry"))
    except ProofError as error:
        raise VerificationFailed("expiry", str(error)) from None
    return dataclasses.replace(
        report,
        heights=(*report.heights, header["height"]),
        time_ms=header["time_ms"],
        expired_transaction_id=tagged_hash(Domain.TRANSACTION_ID, body).hex(),
    )


def _verify_state(report: Report, part: Sequence[Value], chain: dict[str, Any]) -> Report:
    header = _verify_header(part[0], chain)
    entries = _list(part[1], "state")
    if len(entries) > STATE_PROOFS_MAX:
        raise VerificationFailed("state", f"more than {STATE_PROOFS_MAX} proofs")
    present: list[str] = []
    absent: list[str] = []
    for entry in entries:
        key, value, proof = _array(entry, 3, "state")
        key_bytes = _bytes(key, "state")
        value_bytes = None if value is None else _bytes(value, "state")
        try:
            verify_state_proof(
                header["state_root"],
                key_bytes,
                value_bytes,
                _bytes(proof, "state"),
            )
        except ProofError as error:
            raise VerificationFailed("state proof", str(error)) from None
        (absent if value is None else present).append(key_bytes.hex())
    return dataclasses.replace(
        report,
        heights=(*report.heights, header["height"]),
        time_ms=max(report.time_ms, header["time_ms"]),
        present_keys=tuple(present),
        absent_keys=tuple(absent),
    )


def _verify_inclusion(
    step: str,
    leaf: bytes,
    position: tuple[int, int],
    path: Value,
    root: bytes,
) -> None:
    siblings = [_bytes(sibling, step) for sibling in _list(path, step)]
    try:
        found = root_from_inclusion_path(leaf, *position, siblings)
    except MerkleError as error:
        raise VerificationFailed(step, str(error)) from None
    if found != root:
        raise VerificationFailed(step, "it is not in the header's tree")


def _transaction_body(raw: bytes) -> bytes:
    body, _ = _array(_decoded(raw, "transaction"), 2, "transaction")
    return _bytes(body, "transaction")


def _decoded(data: Value, step: str) -> Value:
    try:
        return decode(_bytes(data, step))
    except CodecError as error:
        raise VerificationFailed(step, f"not canonical: {error}") from None


def _integer(value: object, width: int) -> bytes:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << (8 * width):
        raise VerificationFailed("header", "a number is out of range")
    return value.to_bytes(width, "big")


def _array_or_none(value: Value, length: int) -> Sequence[Value] | None:
    return None if value is None else _array(value, length, "format")


def _array(value: Value, length: int, step: str) -> Sequence[Value]:
    if not isinstance(value, tuple) or len(value) != length:
        raise VerificationFailed(step, f"not an array of {length}")
    return value


def _list(value: Value, step: str) -> Sequence[Value]:
    if not isinstance(value, tuple):
        raise VerificationFailed(step, "not an array")
    return value


def _bytes(value: Value, step: str) -> bytes:
    if not isinstance(value, bytes):
        raise VerificationFailed(step, "not a byte string")
    return value
