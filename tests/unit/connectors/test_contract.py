"""Sales contracts in the project's own form."""

import pytest

from unit.connectors.samples import BUYER, CONTRACT, SELLER
from xinlian.connectors.contract import read_contract
from xinlian.connectors.errors import AmountInvalid, DateInvalid, SchemaInvalid, WrongCheckDigit
from xinlian.modules.evidence.statements import ContractStatement, TradeParty
from xinlian.primitives.time import day_of_iso


def _refused(error, **changes):
    with pytest.raises(error) as refused:
        read_contract({**CONTRACT, **changes}, "ab")
    return refused.value.where


def test_a_contract_is_read_field_by_field():
    assert read_contract(CONTRACT, "ab") == ContractStatement(
        source_format="xinlian-contract-1",
        source_hash="ab",
        number="HT-1",
        signed_day=day_of_iso("2026-08-20"),
        buyer=TradeParty("演示核心企业", BUYER, None),
        seller=TradeParty("演示一级供应商", SELLER, None),
        currency="CNY",
        amount_minor=1_000_000_00,
        payment_term_days=90,
        accepts_certificates=True,
        subject_matter="不锈钢离心泵",
    )


@pytest.mark.parametrize("name", CONTRACT)
def test_every_field_must_be_there(name):
    with pytest.raises(SchemaInvalid) as refused:
        read_contract({key: value for key, value in CONTRACT.items() if key != name}, "")
    assert refused.value.where == f"/{name}"


@pytest.mark.parametrize("name", CONTRACT)
@pytest.mark.parametrize("value", [None, 1.5, [], {}, "", -1])
def test_no_field_may_have_another_shape(name, value):
    if (name, value) == ("amount", -1):
        value = "x" * 41
    assert _refused(SchemaInvalid, **{name: value}).startswith(f"/{name}")


def test_an_unknown_field_is_refused_not_overlooked():
    assert _refused(SchemaInvalid, accepts_certficates=False) == "/accepts_certficates"
    party = {"name": "演示核心企业", "uscc": BUYER, "role": "x"}
    assert _refused(SchemaInvalid, buyer=party) == "/buyer/role"


@pytest.mark.parametrize("side", ["buyer", "seller"])
@pytest.mark.parametrize(
    "uscc", [BUYER[:-1], BUYER.lower(), BUYER[:-1] + ("0" if BUYER[-1] != "0" else "1")]
)
def test_both_sides_have_credit_codes(side, uscc):
    assert _refused(WrongCheckDigit, **{side: {"name": "演示", "uscc": uscc}}) == f"/{side}/uscc"


def test_nobody_contracts_with_itself():
    assert _refused(SchemaInvalid, seller=CONTRACT["buyer"]) == "/seller/uscc"


@pytest.mark.parametrize(
    "amount", ["-1.00", "1.001", "1e6", "1,000.00", "abc", "92233720368547758.08"]
)
def test_wrong_amounts_are_refused(amount):
    assert _refused(AmountInvalid, amount=amount) == "/amount"


def test_a_day_that_does_not_exist_is_refused():
    assert _refused(DateInvalid, signed_date="2026-02-29") == "/signed_date"
