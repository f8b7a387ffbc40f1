"""Parties and banks by the identifiers that ISO 20022 has for them."""

import pytest

from unit.connectors.samples import BANK, BUYER, wrap
from xinlian.connectors.errors import MissingElement
from xinlian.connectors.iso20022.parties import (
    account_number,
    institution_of,
    optional_account_number,
    party_of,
)
from xinlian.connectors.xml_input import node_of, read_xml
from xinlian.modules.evidence.statements import TradeParty


def _node(xml):
    return node_of(read_xml(f"<Node>{xml}</Node>".encode()), {"": ""})


@pytest.mark.parametrize(
    ("xml", "party"),
    [
        (wrap("Nm", "演示"), TradeParty("演示", None, None)),
        (wrap("Pty/Nm", "演示"), TradeParty("演示", None, None)),
        (wrap("Id/OrgId/Othr/Id", BUYER), TradeParty(None, BUYER, None)),
        (wrap("Id/OrgId/AnyBIC", "NWBKGB2LXXX"), TradeParty(None, None, "bic:NWBKGB2LXXX")),
        (
            wrap("Id/OrgId/LEI", "5493001KJTIIGC8Y1R12"),
            TradeParty(None, None, "lei:5493001KJTIIGC8Y1R12"),
        ),
        (wrap("Id/OrgId/Othr/Id", "C-7"), TradeParty(None, None, "party:C-7")),
        (
            wrap("Id/OrgId/Othr", wrap("Id", "C-7") + wrap("SchmeNm/Cd", "CUST")),
            TradeParty(None, None, "CUST:C-7"),
        ),
        ("", TradeParty(None, None, None)),
    ],
)
def test_parties_are_known_by_name_and_identifier(xml, party):
    assert party_of(_node(xml)) == party


@pytest.mark.parametrize(
    ("xml", "bank"),
    [
        (wrap("BICFI", "NWBKGB2LXXX"), TradeParty(None, None, "bic:NWBKGB2LXXX")),
        (wrap("BIC", "NWBKGB2LXXX"), TradeParty(None, None, "bic:NWBKGB2LXXX")),
        (
            wrap("ClrSysMmbId/MmbId", "102100099996"),
            TradeParty(None, None, "clearing:102100099996"),
        ),
        (wrap("Nm", "演示银行") + wrap("Othr/Id", BANK), TradeParty("演示银行", BANK, None)),
        (wrap("Othr/Id", "B-7"), TradeParty(None, None, "bank:B-7")),
    ],
)
def test_banks_are_known_by_code(xml, bank):
    assert institution_of(_node(wrap("FinInstnId", xml))) == bank


def test_an_account_has_a_number():
    assert account_number(_node(wrap("Id/IBAN", "GB29NWBK60161331926819"))).startswith("GB29")
    assert account_number(_node(wrap("Id/Othr/Id", "6228"))) == "6228"
    assert optional_account_number(None) is None
    with pytest.raises(MissingElement):
        account_number(_node(""))
