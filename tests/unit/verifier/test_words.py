"""What a result rests on is said in both languages, and names everybody whose word it needs."""

import dataclasses

from golden import derive_receipts as derived
from xinlian.verifier import root_of_genesis
from xinlian.verifier.report import Countersigner, ProvenHeader, TimeStamp
from xinlian.verifier.words import assumption_of, common_countersigners, equivocation_words

ROOT = root_of_genesis(derived.genesis())
HEADER = ProvenHeader(height=7, time_ms=1, hash="00", operators=("01",))


def signer(code: str, *, is_operator: bool = False) -> Countersigner:
    return Countersigner(code, f"机构{code}", "member", is_operator, "aa", 7)


def with_signers(*signers: Countersigner) -> ProvenHeader:
    return dataclasses.replace(HEADER, countersigners=signers)


def test_without_countersigners_it_rests_on_the_operator_alone():
    words = assumption_of(ROOT, [HEADER])
    assert "operator of the embedded engine alone" in words.english
    assert "仅依据嵌入式引擎运营者" in words.chinese


def test_every_countersigner_is_named_with_its_code():
    words = assumption_of(ROOT, [with_signers(signer("A"), signer("B"))])
    for text in words:
        assert "机构A" in text
        assert "机构B" in text
    assert "2 countersigning parties" in words.english


def test_only_who_countersigned_every_header_counts():
    headers = [with_signers(signer("A"), signer("B")), with_signers(signer("B"))]
    assert [found.code for found in common_countersigners(headers)] == ["B"]
    assert common_countersigners([*headers, HEADER]) == ()
    assert common_countersigners([]) == ()


def test_the_operators_own_party_adds_nobody():
    header = with_signers(signer("A", is_operator=True))
    assert common_countersigners([header]) == ()
    assert "operator of the embedded engine alone" in assumption_of(ROOT, [header]).english


def test_unknown_keys_and_unchecked_stamps_are_told():
    header = dataclasses.replace(
        HEADER,
        unknown_keys=("bb",),
        time_stamps=(TimeStamp(7, is_checked=False), TimeStamp(7, True, 5, "TSA")),
    )
    words = assumption_of(ROOT, [header])
    assert "1 more keys" in words.english
    assert "time stamps of TSA" in words.english
    assert "1 time stamps were not checked" in words.english
    assert "时间戳" in words.chinese


def test_a_checkpoint_as_root_is_told_with_its_height():
    root = dataclasses.replace(ROOT, kind="checkpoint", height=9)
    reaching = dataclasses.replace(HEADER, is_checkpoint=True)
    assert "the very chain" in assumption_of(root, [reaching]).english
    assert "checkpoint of height 9 for the keys" in assumption_of(root, [HEADER]).english


def test_an_equivocation_says_which_heights_contradict():
    assert "height 4" in equivocation_words(4, 4).english
    assert "高度 5" in equivocation_words(4, 5).chinese
