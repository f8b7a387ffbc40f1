"""Leaves, assignments, orders and late interest equal the state's; offers end as they did."""

from xinlian.apps.supply_chain.types import (
    ENCUMBRANCES,
    LATE_INTEREST,
    LEAVES,
    OFFERS,
    ORDERS,
    Finance,
    Life,
    OrderStatus,
)
from xinlian.primitives import format_id
from xinlian.readmodels.rows import (
    EncumbranceRow,
    LateInterestRow,
    LeafRow,
    OfferRow,
    PaymentOrderRow,
)


def leaf_fields(leaf_id, leaf):
    return (
        format_id("leaf", leaf_id),
        format_id("cert", leaf.certificate),
        format_id("leaf", leaf.parent) if leaf.parent else "",
        format_id("party", leaf.holder),
        leaf.amount_minor,
        leaf.discharged_minor,
        0 if leaf.life in {Life.SPENT, Life.CANCELLED} else leaf.outstanding_minor,
        leaf.awaiting_minor,
        Life(leaf.life).name.lower(),
        Finance(leaf.finance).name.lower(),
        leaf.hops,
        format_id("party", leaf.financier) if leaf.financier else "",
        leaf.lock_expires_at_ms,
    )


def leaf_fields_of_row(row):
    return (
        row.leaf_id,
        row.certificate_id,
        row.parent,
        row.holder,
        row.amount_minor,
        row.discharged_minor,
        row.outstanding_minor,
        row.awaiting_minor,
        row.life,
        row.finance,
        row.hops,
        row.financier,
        row.lock_expires_at_ms,
    )


def test_leaves_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(leaf_fields(parts[0], leaf) for parts, leaf in LEAVES.scan(state))
    assert len(expected) == 3
    assert [leaf_fields_of_row(row) for row in projected.rows(LeafRow)] == expected


def test_assignments_equal_those_of_the_state(paid):
    with paid.told.state() as state:
        expected = [
            (
                format_id("leaf", leaf),
                format_id("party", found.financier),
                format_id("party", found.seller),
                found.advance_minor,
                found.discount_minor,
                found.register_no.hex(),
                found.disbursed_at_ms,
            )
            for (leaf,), found in ENCUMBRANCES.scan(state)
        ]
    assert expected
    assert [
        (
            row.leaf_id,
            row.financier,
            row.seller,
            row.advance_minor,
            row.discount_minor,
            row.register_no,
            row.time_ms,
        )
        for row in paid.rows(EncumbranceRow)
    ] == expected


def test_payment_orders_equal_those_of_the_state(projected):
    with projected.told.state() as state:
        expected = sorted(
            (
                format_id("order", order_id),
                format_id("cert", order.certificate),
                format_id("leaf", order.leaf),
                format_id("party", order.payee),
                format_id("party", order.bank),
                format_id("account", order.account),
                order.amount_minor,
                order.ordered_at_ms,
                order.expires_at_ms,
                OrderStatus(order.status).name.lower(),
            )
            for (order_id,), order in ORDERS.scan(state)
        )
    assert expected
    assert [
        (
            row.order_id,
            row.certificate_id,
            row.leaf_id,
            row.payee,
            row.bank,
            row.account_id,
            row.amount_minor,
            row.time_ms,
            row.expires_at_ms,
            row.status,
        )
        for row in projected.rows(PaymentOrderRow)
    ] == expected


def test_an_order_that_expired_and_one_that_was_executed_are_shown_so(late):
    statuses = {row.order_id: row.status for row in late.rows(PaymentOrderRow)}
    assert statuses[late.told.text("order", "expired_order")] == "expired"
    assert statuses[late.told.text("order", "order")] == "executed"


def test_late_interest_equals_that_of_the_state(late):
    with late.told.state() as state:
        expected = sorted(
            (
                format_id("obligation", obligation),
                format_id("cert", found.certificate),
                format_id("leaf", found.leaf),
                format_id("party", found.creditor),
            )
            for (obligation,), found in LATE_INTEREST.scan(state)
        )
    rows = late.rows(LateInterestRow)
    assert [
        (row.obligation_id, row.certificate_id, row.leaf_id, row.creditor) for row in rows
    ] == expected
    for row in rows:
        # agreed rate 0.05 % a day, computed here by hand: yuan × days × 5 / 10 000, in fen
        assert row.amount_minor == (row.base_minor * row.days * 5 + 5_000) // 10_000


def test_offers_end_as_they_did_on_the_ledger(paid):
    statuses = {row.offer_id: row.status for row in paid.rows(OfferRow)}
    assert statuses == {
        paid.told.text("offer", "offer"): "accepted",
        paid.told.text("offer", "lapsed_offer"): "lapsed",
    }
    with paid.told.state() as state:
        assert OFFERS.get(state, paid.told.ids["offer"]) is None


def test_a_lock_that_is_open_at_the_due_day_has_ended(late):
    (rest,) = [row for row in late.rows(LeafRow) if row.leaf_id == late.told.text("leaf", "rest")]
    assert (rest.finance, rest.financier, rest.holder) == (
        "none",
        "",
        late.told.party_text("supplier1"),
    )
