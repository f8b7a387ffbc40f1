"""Who stands behind a header, and what makes a chain of later headers count."""

import pytest

from golden import derive_receipts as derived
from golden.derive import Raw, pack, tagged
from xinlian.crypto.codec import decode
from xinlian.verifier import VerificationFailed, root_of_genesis
from xinlian.verifier.headers import verify_header

ROOT = root_of_genesis(derived.genesis())
BANK, FIRM = derived.PARTIES
FIRST, SECOND, THIRD = derived.FIRST, derived.SECOND, derived.THIRD


def judged(header: Raw, check_time_stamp=None):
    return verify_header(decode(header.content), ROOT, check_time_stamp)[1]


def attested(*, later=(), entries=(), stamps=(), signatures=None):
    """An attested header of which each part may be wrong."""
    key = derived.public_key(derived.OPERATOR_SEED)
    good = ((key, derived.sign(derived.OPERATOR_SEED, tagged(0x06, FIRST.hash))),)
    parts = (Raw(FIRST.encoded), good if signatures is None else signatures, later, entries, stamps)
    return Raw(pack(parts))


def countersigned(link, seed):
    signature = derived.sign(seed, tagged(0x07, link.hash))
    return link.height, derived.public_key(seed), signature


def refused(header, step, check_time_stamp=None):
    with pytest.raises(VerificationFailed) as failure:
        judged(header, check_time_stamp)
    assert failure.value.step == step, failure.value


def test_the_parties_of_the_root_are_named_and_a_strangers_key_is_told_apart():
    entries = sorted(countersigned(FIRST, seed) for seed in (BANK.seed, derived.STRANGER_SEED))
    proven = judged(attested(entries=tuple(entries)))
    assert [signer.code for signer in proven.countersigners] == [BANK.code]
    assert proven.unknown_keys == (derived.public_key(derived.STRANGER_SEED).hex(),)


def test_a_later_head_that_is_countersigned_stands_behind_the_header():
    proven = judged(FIRST.attested((SECOND, THIRD), ((THIRD, FIRM.seed),)))
    assert [(signer.code, signer.height) for signer in proven.countersigners] == [(FIRM.code, 3)]


def test_signatures_of_others_than_operators_are_refused_beside_a_good_one():
    key = derived.public_key(derived.OPERATOR_SEED)
    good = (key, derived.sign(derived.OPERATOR_SEED, tagged(0x06, FIRST.hash)))
    stranger = (
        derived.public_key(derived.STRANGER_SEED),
        derived.sign(derived.STRANGER_SEED, tagged(0x06, FIRST.hash)),
    )
    for signatures in ((good, stranger), (good, good), (stranger,), ()):
        refused(attested(signatures=signatures), "header signature")


def test_a_countersignature_is_not_an_operators_signature_nor_the_other_way_round():
    key = derived.public_key(derived.OPERATOR_SEED)
    wrong_domain = derived.sign(derived.OPERATOR_SEED, tagged(0x07, FIRST.hash))
    refused(attested(signatures=((key, wrong_domain),)), "header signature")
    as_operator = derived.sign(BANK.seed, tagged(0x06, FIRST.hash))
    refused(
        attested(entries=((1, derived.public_key(BANK.seed), as_operator),)),
        "countersignature",
    )


def test_countersignatures_stand_once_and_in_order():
    one, two = sorted((countersigned(FIRST, BANK.seed), countersigned(FIRST, FIRM.seed)))
    judged(attested(entries=(one, two)))
    refused(attested(entries=(two, one)), "countersignature")
    refused(attested(entries=(one, one)), "countersignature")


def test_later_headers_follow_by_height_time_and_hash():
    last = countersigned(SECOND, BANK.seed)
    skipping = derived.link(3, FIRST.hash)
    early = derived.link(2, FIRST.hash, time_ms=derived.TIME_MS + 1)
    foreign = derived.link(2, bytes(32))
    for wrong in (skipping, early, foreign):
        entry = countersigned(wrong, BANK.seed)
        refused(attested(later=(wrong.encoded,), entries=(entry,)), "later header")
    judged(attested(later=(SECOND.encoded,), entries=(last,)))
    refused(attested(later=(SECOND.encoded, THIRD.encoded), entries=(last,)), "later header")
    refused(attested(later=(SECOND.encoded,) * 257, entries=(last,)), "later header")


def test_a_time_stamp_is_of_a_header_that_is_shown_and_is_judged_by_who_can():
    def check(token: bytes, hashed: bytes) -> tuple[int, str]:
        assert hashed == SECOND.hash
        if token != b"token":
            raise VerificationFailed("time stamp", "changed")
        return 1_800_000_000_000, "TSA"

    header = attested(later=(SECOND.encoded,), stamps=((2, b"token"),))
    (unchecked,) = judged(header).time_stamps
    assert (unchecked.height, unchecked.is_checked) == (2, False)
    (stamp,) = judged(header, check).time_stamps
    assert (stamp.is_checked, stamp.time_ms, stamp.authority) == (True, 1_800_000_000_000, "TSA")
    later = (SECOND.encoded,)
    refused(attested(later=later, stamps=((2, b"taken"),)), "time stamp", check)
    for stamps in (((9, b"token"),), ((2, b"b"), (2, b"a"))):
        refused(attested(later=later, stamps=stamps), "time stamp")
    fields = decode(attested(later=later).content)
    assert isinstance(fields, tuple)
    with pytest.raises(VerificationFailed, match="too large"):
        verify_header((*fields[:4], ((2, bytes(70_000)),)), ROOT)
