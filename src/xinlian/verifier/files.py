"""Verifying the other files: a checkpoint, proof of an operator's equivocation, whichever it is.

Rules this file keeps:
 1. Two headers prove equivocation where no chain can hold both and an operator signed each: two of
    one height, or one whose predecessor is not the one that was signed.
 2. A checkpoint that is held against a genesis file says what that file says, and is of the same
    engine: on a network an operator's signature is no commitment.
 3. A network's checkpoint holds its validators, who may have changed since the genesis file:
    whoever names it trusts that they were the ones, as whoever names a genesis file does.
"""

import dataclasses

from xinlian.crypto.receipt_format import (
    CHECKPOINT_FORMAT,
    ENGINE_COMETBFT,
    ENGINE_EMBEDDED,
    EQUIVOCATION_FORMAT,
)
from xinlian.verifier.headers import (
    ATTESTED_FIELDS,
    SIGNED_FIELDS,
    CheckTimeStamp,
    follows,
)
from xinlian.verifier.live import Live
from xinlian.verifier.reading import VerificationFailed, cut
from xinlian.verifier.report import Equivocation, Report
from xinlian.verifier.trust import TrustRoot, checkpoint_rows, read_checkpoint
from xinlian.verifier.verify import (
    Check,
    empty_report,
    fields_of,
    format_of,
    require_clock,
    verify_receipt,
    with_header,
    with_words,
)
from xinlian.verifier.words import equivocation_words


def verify_checkpoint(
    data: bytes,
    root: TrustRoot | None = None,
    *,
    allow_simulated: bool = False,
    check_time_stamp: CheckTimeStamp | None = None,
) -> tuple[TrustRoot, Report]:
    """Return the root of trust that a checkpoint is, and what stands behind its head.

    Args:
        data: the file.
        root: where the checkpoint itself must come from; without it, it is taken as trusted.
        allow_simulated: whether a rehearsal's clock is accepted.
        check_time_stamp: judges time stamps; without it they are told as not checked.

    Raises:
        VerificationFailed: with the step that failed and why.
    """
    checkpoint = read_checkpoint(data)
    own = checkpoint.root
    require_clock(own, allow_simulated=allow_simulated)
    if root is not None:
        _require_same(own, root)
    engine = ENGINE_COMETBFT if own.validators else ENGINE_EMBEDDED
    check = Check(own, check_time_stamp, engine)
    header, proven, _ = check.header(checkpoint.head, ATTESTED_FIELDS)
    report = with_header(
        dataclasses.replace(empty_report(root or own), engine=engine), header, proven
    )
    trusted = dataclasses.replace(
        own, height=header.height, header_hash=header.hash, time_ms=header.time_ms
    )
    return trusted, with_words(report, root or trusted)


def verify_equivocation(
    data: bytes, root: TrustRoot, *, allow_simulated: bool = False
) -> Equivocation:
    """Return that an operator signed two headers of which one chain can hold only one.

    Raises:
        VerificationFailed: they do not contradict each other, or are not signed.
    """
    fields = fields_of(data)
    if fields[0] != EQUIVOCATION_FORMAT:
        raise VerificationFailed("format", cut(f"unknown format {fields[0]!r}"))
    require_clock(root, allow_simulated=allow_simulated)
    check = Check(dataclasses.replace(root, height=-1), None)  # it may contradict a checkpoint too
    one, one_proven, _ = check.header(fields[3], SIGNED_FIELDS)
    other, other_proven, _ = check.header(fields[4], SIGNED_FIELDS)
    is_double = one.height == other.height and one.hash != other.hash
    is_broken = other.height == one.height + 1 and not follows(other, one)
    if not is_double and not is_broken:
        raise VerificationFailed("equivocation", "the two headers do not contradict each other")
    english, chinese = equivocation_words(one.height, other.height)
    return Equivocation(
        chain_id=root.chain_id,
        is_simulated=root.is_simulated,
        heights=(one.height, other.height),
        hashes=(one.hash.hex(), other.hash.hex()),
        operators=(one_proven.operators, other_proven.operators),
        statement=english,
        statement_zh=chinese,
    )


def verify_file(
    data: bytes,
    root: TrustRoot,
    *,
    allow_simulated: bool = False,
    check_time_stamp: CheckTimeStamp | None = None,
    live: Live | None = None,
) -> Report | Equivocation:
    """Return what a file of any known format proves; raises VerificationFailed."""
    kind = format_of(data)
    if live is not None and kind in (EQUIVOCATION_FORMAT, CHECKPOINT_FORMAT):
        raise VerificationFailed("live", "receipts alone are verified in live mode")
    if kind == EQUIVOCATION_FORMAT:
        return verify_equivocation(data, root, allow_simulated=allow_simulated)
    if kind == CHECKPOINT_FORMAT:
        return verify_checkpoint(
            data,
            root,
            allow_simulated=allow_simulated,
            check_time_stamp=check_time_stamp,
        )[1]
    return verify_receipt(
        data,
        root,
        allow_simulated=allow_simulated,
        check_time_stamp=check_time_stamp,
        live=live,
    )


def _require_same(own: TrustRoot, root: TrustRoot) -> None:
    """Refuse a checkpoint that says something else than what it must come from."""
    if bool(root.validators) != bool(own.validators):
        raise VerificationFailed("engine", "a network's headers are committed, not signed by one")
    operators = root.operators if own.validators else own.operators  # a network's sign no head
    of_own = (own.genesis_hash, own.chain_id, own.is_simulated, operators)
    of_root = (root.genesis_hash, root.chain_id, root.is_simulated, root.operators)
    if of_own != of_root or checkpoint_rows(own) != checkpoint_rows(root):
        raise VerificationFailed("checkpoint", f"it is not of the {root.kind} that you name")
