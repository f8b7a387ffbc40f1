"""The path of a leaf, for who may read it."""

from unit.readmodels.stories import INVOICE, REST, TO_SUPPLIER2, root_of


def test_the_path_of_a_leaf_leads_to_the_first_one_and_the_roots_it_stands_on(paid):
    told = paid.told
    for name, leaf, amounts in (
        ("supplier2", "leaf2", [TO_SUPPLIER2, TO_SUPPLIER2 + REST]),
        ("bank", "rest", [REST, TO_SUPPLIER2 + REST]),
        ("core", "whole", [TO_SUPPLIER2 + REST]),
    ):
        path = paid.model.leaf_path(told.party(name), told.text("leaf", leaf))
        assert [row.amount_minor for row in path.leaves] == amounts
        assert path.leaves[-1].parent == ""
        assert path.certificate.certificate_id == told.text("cert", "certificate")
        assert path.invoice_root == INVOICE.hex()
        assert path.contract_root == root_of("contract").hex()
        assert path.height == paid.model.height


def test_who_may_not_read_a_leaf_does_not_read_its_path(paid):
    rest = paid.told.text("leaf", "rest")
    assert paid.model.leaf_path(paid.told.party("supplier2"), rest) is None
