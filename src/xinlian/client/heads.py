"""Heads of a chain as a member sees them: read, followed, compared, saved.

Rules this file keeps:
 1. A head counts only with a signature of an operator that the genesis file names; what a node says
    of a header's hash is computed again.
 2. A head is followed header by header from the last one that was accepted: each names the one
    before.
 3. Two signed headers that one chain cannot hold become a file that anybody can verify.
"""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from xinlian.client.wire import HeaderAnswer, HeadersAnswer
from xinlian.crypto.codec import Value, decode, encode
from xinlian.crypto.receipt_format import (
    CHECKPOINT_FORMAT,
    ENGINE_COMETBFT,
    ENGINE_EMBEDDED,
    EQUIVOCATION_FORMAT,
    HASH_SUITE,
)
from xinlian.ledger.header import Header, SignedHeader, encode_head, header_hash
from xinlian.primitives.misfits import misfit_words
from xinlian.verifier import (
    TrustRoot,
    VerificationFailed,
    verify_equivocation,
    verify_receipt,
)
from xinlian.verifier.cometbft import COMMITTED_FIELDS, committed_fields, validators_after
from xinlian.verifier.headers import verify_header
from xinlian.verifier.trust import Validators, checkpoint_rows

PAGE_HEADERS: Final = 50

GetHeaders = Callable[[int, int], HeadersAnswer]
"""(first height, how many at most) → a page of headers, ascending."""


class HeadRefused(Exception):  # noqa: N818 - names what happened to the head
    """A node's head is not accepted; ``reference`` is stable."""

    def __init__(self, reference: str, text: str) -> None:
        super().__init__(text)
        self.reference = reference


class ForkFound(HeadRefused):
    """The operator signed two histories; ``proof`` is the file that shows it."""

    def __init__(self, one: SignedHeader, other: SignedHeader, proof: bytes) -> None:
        super().__init__(
            "client/operator_equivocated",
            f"the operator signed two histories: heights {one.header.height} and "
            f"{other.header.height} contradict each other",
        )
        self.other = other
        self.proof = proof


def signed_header_of(answer: HeaderAnswer) -> SignedHeader:
    """Return the signed header of a node's answer; raises HeadRefused."""
    try:
        values = [_field(name, getattr(answer, name)) for name in Header.__struct_fields__]
        signatures = tuple(
            (bytes.fromhex(entry.public_key), bytes.fromhex(entry.signature))
            for entry in answer.signatures
        )
        return SignedHeader(msgspec.convert(values, Header), signatures)
    except (ValueError, msgspec.ValidationError) as error:
        raise HeadRefused("client/not_a_header", f"not a header: {misfit_words(error)}") from None


def check_signed(signed: SignedHeader, root: TrustRoot) -> None:
    """Refuse a header that no operator of the root signed; raises HeadRefused."""
    try:
        verify_header(decode(encode_head(signed)), root)
    except VerificationFailed as failure:
        raise HeadRefused("client/head_not_signed", str(failure)) from None


def follow(
    head: SignedHeader,
    last: SignedHeader | None,
    root: TrustRoot,
    get_headers: GetHeaders,
) -> None:
    """Check that a head extends the last one that was accepted, or the genesis file.

    Args:
        head: what the node shows as its head.
        last: what was accepted last; None where nothing was.
        root: the genesis file as a root of trust.
        get_headers: asks the node for headers.

    Raises:
        ForkFound: the operator signed both and no chain can hold both.
        HeadRefused: it is unsigned, shorter, or does not follow for another reason.
    """
    check_signed(head, root)
    if last is not None and head.header.height < last.header.height:
        raise HeadRefused(
            "client/head_is_shorter",
            f"the node's head is at height {head.header.height}, "
            f"the last one accepted is at {last.header.height}",
        )
    before = last
    for signed in _headers(0 if last is None else last.header.height, head, get_headers):
        if before is None:
            _check_first(signed, root)
        elif not _fits(signed, before):
            raise _contradiction(before, signed, root)
        before = signed
    if before is not None and header_hash(before.header) != header_hash(head.header):
        raise _contradiction(before, head, root)


def contradiction(one: SignedHeader, other: SignedHeader, root: TrustRoot) -> bytes | None:
    """Return a file that proves that two signed headers contradict each other, or None."""
    first, second = sorted((one, other), key=lambda signed: signed.header.height)
    file = encode(
        (
            EQUIVOCATION_FORMAT,
            ENGINE_EMBEDDED,
            HASH_SUITE,
            decode(encode_head(first)),
            decode(encode_head(second)),
        ),
    )
    try:
        verify_equivocation(file, root, allow_simulated=True)
    except VerificationFailed:
        return None
    return file


def checkpoint_file(root: TrustRoot, header: Value, validators: Validators = ()) -> bytes:
    """Return a checkpoint: a header and those behind it, with what the genesis file says of keys.

    Args:
        root: the genesis file.
        header: an attested header, or a committed one where there are validators.
        validators: who committed it on a network.
    """
    return encode(
        (
            CHECKPOINT_FORMAT,
            ENGINE_COMETBFT if validators else ENGINE_EMBEDDED,
            HASH_SUITE,
            root.genesis_hash,
            "simulated" if root.is_simulated else "live",
            validators or tuple(sorted(root.operators)),
            checkpoint_rows(root),
            header,
        ),
    )


def checkpoint_of_receipt(receipt: bytes, root: TrustRoot) -> bytes:
    """Return the checkpoint that a network's receipt holds: its header with those who committed it.

    Raises:
        HeadRefused: it is no receipt of the network.
        VerificationFailed: it does not verify against the root.
    """
    verify_receipt(receipt, root, allow_simulated=True)
    fields = decode(receipt)
    part = next(part for part in fields[3:] if part) if isinstance(fields, tuple) else None
    if not root.validators or not isinstance(part, tuple):
        raise HeadRefused("client/not_a_network", "only a network's receipt holds a checkpoint")
    header = tuple(committed_fields(part[0])[:COMMITTED_FIELDS])
    return checkpoint_file(root, header, validators_after(part[0], root))


def _headers(first: int, head: SignedHeader, get_headers: GetHeaders) -> Iterator[SignedHeader]:
    """Yield the headers from ``first`` up to the head's height, each height once."""
    expected = first
    while expected <= head.header.height:
        page = get_headers(expected, PAGE_HEADERS).items
        if not page:
            raise HeadRefused("client/header_missing", f"the node shows no header {expected}")
        for answer in page:
            if expected > head.header.height:
                return
            signed = signed_header_of(answer)
            if signed.header.height != expected:
                raise HeadRefused("client/header_missing", f"the node shows no header {expected}")
            yield signed
            expected += 1


def _check_first(signed: SignedHeader, root: TrustRoot) -> None:
    if signed.header.height != 0 or signed.header.previous_hash != root.genesis_hash:
        raise HeadRefused("client/other_chain", "the chain does not begin with the genesis file")


def _fits(signed: SignedHeader, before: SignedHeader) -> bool:
    """Return whether a header is the one before again, or the next one after it."""
    if signed.header.height == before.header.height:
        return header_hash(signed.header) == header_hash(before.header)
    return signed.header.previous_hash == header_hash(before.header)


def _contradiction(one: SignedHeader, other: SignedHeader, root: TrustRoot) -> HeadRefused:
    proof = contradiction(one, other, root)
    if proof is not None:
        return ForkFound(one, other, proof)
    return HeadRefused(
        "client/header_does_not_follow",
        f"height {other.header.height} does not follow {one.header.height}, and is not signed",
    )


def _field(name: str, value: object) -> object:
    """Return a header's field of its JSON: hashes are hexadecimal there."""
    return bytes.fromhex(value) if isinstance(value, str) and name != "chain_id" else value
