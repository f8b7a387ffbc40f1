"""What the records say about themselves."""

import pytest

from xinlian.modules.obligations.types import (
    NOTHING,
    Obligation,
    ObligationStatus,
    SourceKind,
    first_terms,
    subject_of,
)


def test_what_is_payable_is_open_and_neither_at_a_bank_nor_disputed():
    found = Obligation(
        debtor=b"d" * 20,
        asset=b"a" * 20,
        amount_minor=100,
        performed_minor=10,
        released_minor=20,
        awaiting_minor=30,
        due_day=0,
        due_at_ms=0,
        cutoff_at_ms=0,
        status=ObligationStatus.DUE,
        source_kind=SourceKind.AGREED,
        account=b"",
        authority_cap_minor=0,
        authority_until_ms=0,
        disputed_minor=15,
    )
    assert (found.open_minor, found.payable_minor) == (70, 25)


@pytest.mark.parametrize(
    ("shown", "outside_minor"), [((0, 0, 0), 0), ((5, 0, 0), 5), ((5, 7, 6), 7), ((5, 5, 5), 5)]
)
def test_three_witnesses_of_one_payment_show_it_once(shown, outside_minor):
    debited, credited, receipted = shown
    terms = first_terms(
        b"c" * 20, b"", debited_minor=debited, credited_minor=credited, receipted_minor=receipted
    )
    assert terms.outside_minor == outside_minor


def test_a_promise_waits_until_its_fact_is_there():
    kinds = (NOTHING, 0), ("order", 0), ("order", 1)
    waiting = [
        first_terms(b"c" * 20, b"", condition_kind=kind, condition_met_at_ms=met).is_waiting
        for kind, met in kinds
    ]
    assert waiting == [False, True, False]


def test_the_subject_of_a_promise_is_no_document_root_that_anybody_could_find():
    assert subject_of(b"o" * 20) == b"o" * 20 + bytes(12)
