"""Parties: legal names first, one credit code, other identifiers with their scheme."""

import pytest

from unit.connectors.samples import BUYER, ORDER, SELLER, changed, wrap
from xinlian.connectors.errors import MissingElement, SchemaInvalid, WrongCheckDigit
from xinlian.connectors.ubl import NAMESPACES
from xinlian.connectors.ubl.logistics import read_order
from xinlian.connectors.xml_input import node_of, read_xml
from xinlian.modules.evidence.statements import TradeParty

IDENTIFICATION = (
    f'<cac:PartyIdentification><cbc:ID schemeID="USCC">{BUYER}</cbc:ID></cac:PartyIdentification>'
)
LEGAL = wrap("cac:PartyLegalEntity/cbc:RegistrationName", "演示核心企业")


def _buyer(identification, legal=LEGAL):
    data = changed(changed(ORDER, IDENTIFICATION, identification), LEGAL, legal)
    return read_order(node_of(read_xml(data), NAMESPACES), "", "").buyer


def _legal(company, name="演示核心企业"):
    return wrap(
        "cac:PartyLegalEntity",
        wrap("cbc:RegistrationName", name) + wrap("cbc:CompanyID", company),
    )


def _tax(company):
    return f"<cac:PartyTaxScheme><cbc:CompanyID>{company}</cbc:CompanyID></cac:PartyTaxScheme>"


@pytest.mark.parametrize(("identification", "legal"), [("", _legal(BUYER)), (_tax(BUYER), LEGAL)])
def test_a_credit_code_is_found_wherever_a_party_keeps_it(identification, legal):
    assert _buyer(identification, legal) == TradeParty("演示核心企业", BUYER, None)


def test_the_same_code_in_two_places_is_one():
    assert _buyer(IDENTIFICATION + _tax(BUYER)).uscc == BUYER


def test_two_codes_of_one_party_are_refused():
    with pytest.raises(SchemaInvalid):
        _buyer(IDENTIFICATION + _tax(SELLER))


def test_a_wrong_code_is_refused_even_beside_a_right_one():
    wrong = BUYER[:-1] + ("0" if BUYER[-1] != "0" else "1")
    with pytest.raises(WrongCheckDigit) as refused:
        _buyer(IDENTIFICATION + _tax(wrong))
    assert refused.value.where.endswith("cac:PartyTaxScheme[1]/cbc:CompanyID")


@pytest.mark.parametrize(
    ("identification", "other_id"),
    [
        (
            wrap('cac:PartyIdentification/cbc:ID schemeID="0088"', "4012345000009"),
            "0088:4012345000009",
        ),
        ("<cac:PartyIdentification><cbc:ID>C-7</cbc:ID></cac:PartyIdentification>", "party:C-7"),
        (_tax("BE0000000196"), "tax:BE0000000196"),
        ('<cbc:EndpointID schemeID="0007">1122334455</cbc:EndpointID>', "0007:1122334455"),
    ],
)
def test_other_identifiers_keep_their_scheme(identification, other_id):
    assert _buyer(identification) == TradeParty("演示核心企业", None, other_id)


def test_a_trading_name_will_do():
    trading = "<cac:PartyName><cbc:Name>核心</cbc:Name></cac:PartyName>"
    assert _buyer(IDENTIFICATION, trading).name == "核心"
    assert _buyer(IDENTIFICATION, trading + LEGAL).name == "演示核心企业"
    assert _buyer(IDENTIFICATION, "") == TradeParty(None, BUYER, None)


def test_a_party_without_name_and_identifier_is_refused():
    with pytest.raises(MissingElement) as refused:
        _buyer("", "")
    assert refused.value.where.startswith("/Order/cac:BuyerCustomerParty/cac:Party/")


def test_a_role_without_a_party_is_refused():
    with pytest.raises(MissingElement) as refused:
        read_order(
            node_of(read_xml(changed(ORDER, "SellerSupplierParty", "OriginatorParty")), NAMESPACES),
            "",
            "",
        )
    assert refused.value.where == "/Order/cac:SellerSupplierParty"
