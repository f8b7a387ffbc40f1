"""The bounds of a trade file."""

import dataclasses

import pytest

from unit.apps.supply_chain.checks.trades import CLEAN, PARTIES, root_of
from xinlian.apps.supply_chain.checks import OpenedDocument, TradeFile, TradeFileInvalid


def many(count: int) -> tuple[OpenedDocument, ...]:
    return tuple(OpenedDocument(root_of(str(n)), CLEAN.order) for n in range(count))


@pytest.mark.parametrize(
    ("documents", "reference"),
    [
        ((), "checks/no_documents"),
        (many(33), "checks/too_many_documents"),
        ((*many(2), *many(1)), "checks/root_twice"),
        ((OpenedDocument(b"short", CLEAN.order),), "checks/malformed_root"),
    ],
)
def test_a_file_out_of_bounds_is_refused_with_a_stable_reason(documents, reference):
    with pytest.raises(TradeFileInvalid) as refusal:
        TradeFile(PARTIES, documents)
    assert refusal.value.reference == reference


def test_a_file_may_have_as_many_documents_as_a_verdict_names():
    assert len(TradeFile(PARTIES, many(32)).roots) == 32


def test_documents_are_kept_by_root_and_earlier_ones_of_the_file_left_out():
    file = TradeFile(PARTIES, many(4), earlier_invoices=many(6))
    assert file.roots == tuple(sorted(file.roots))
    assert len(file.earlier_invoices) == 2


def test_a_file_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        CLEAN.file().due_day = 1  # type: ignore[misc] # that is the point
