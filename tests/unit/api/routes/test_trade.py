"""Reads of a trade: documents, facts, verdicts, certificates, leaves."""

import pytest

from unit.readmodels.stories import FACE, INVOICE, REST, TO_SUPPLIER2, root_of
from xinlian.modules.evidence.corroboration import corroboration_of

INVOICE_PATH = f"/v1/invoices/{INVOICE.hex()}"
SUBJECT = f"/v1/subjects/{INVOICE.hex()}"


def test_a_document_shows_its_signers_and_nothing_of_its_contents(served):
    item = served.caller("core").get(f"/v1/documents/{root_of('contract').hex()}").json()["item"]
    assert item["owner"] == served.told.party_text("supplier1")
    assert item["countersigners"] == [served.told.party_text("core")]
    assert set(item) == {
        "height",
        "time_ms",
        "time",
        "changed_height",
        "root",
        "owner",
        "schema",
        "schema_version",
        "countersigners",
    }


def test_documents_are_filtered_by_schema_and_owner(served):
    caller = served.caller("core")
    owner = served.told.party_text("supplier1")
    found = caller.items(f"/v1/documents?schema=order&owner={owner}")
    assert [item["root"] for item in found] == [root_of("order").hex()]


def test_an_invoice_shows_how_much_is_spoken_for(served):
    item = served.caller("supplier1").get(INVOICE_PATH).json()["item"]
    assert item["gross_minor"] == "113000000"
    assert int(item["paid_minor"]) >= FACE
    found = served.caller("core").items(f"/v1/invoices?seller={item['seller']}")
    assert [one["root"] for one in found] == [INVOICE.hex()]
    assert served.caller("core").items(f"/v1/invoices?seller={item['buyer']}") == []
    assert served.caller("core").items(f"/v1/invoices?buyer={item['buyer']}") != []


def test_facts_and_verdicts_are_read_with_their_subject(served):
    facts = served.caller("bank").items(f"{SUBJECT}/facts")
    assert {fact["kind"] for fact in facts} == {
        "contract",
        "order",
        "invoice",
        "despatch",
        "goods_receipt",
        "bank_entry",
    }
    verdicts = served.caller("bank").items(f"{SUBJECT}/verdicts")
    assert {verdict["party"] for verdict in verdicts} == {
        served.told.party_text(name) for name in ("core", "supplier1", "bank")
    }


def test_corroboration_is_what_the_ledger_itself_finds(served):
    answer = served.caller("bank").get(f"{SUBJECT}/corroboration").json()
    with served.told.state() as state:
        expected = corroboration_of(state, INVOICE, served.consortium.now_ms())
    assert answer["corroborated"] == [flow.value for flow in expected.corroborated]
    assert answer["missing"] == [flow.value for flow in expected.missing]
    assert answer["complete"] is expected.is_complete is True
    assert (answer["result"], answer["cures"]) == ("corroborated", [])
    assert answer["height"] == served.consortium.node.head().header.height


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("core", "obligor", {"certificate", "withdrawn", "declined"}),
        ("supplier1", "first_holder", {"certificate", "withdrawn", "declined"}),
        ("supplier2", "holder", {"certificate"}),
        ("bank", "financier", {"certificate"}),
        ("bank", "obligor", set()),
        ("core", "nothing", set()),
    ],
)
def test_certificates_are_listed_by_what_the_reader_is_to_them(served, name, role, expected):
    found = served.caller(name).items(f"/v1/certificates?role={role}")
    assert {item["certificate_id"] for item in found} == {
        served.told.text("cert", one) for one in expected
    }


def test_certificates_are_filtered_by_life_and_invoice(served):
    caller = served.caller("core")
    path = f"/v1/certificates?life=discharged&invoice_root={INVOICE.hex()}"
    found = caller.items(path)
    assert [item["certificate_id"] for item in found] == [served.told.text("cert", "certificate")]
    assert caller.items(f"/v1/certificates?invoice_root={root_of('other').hex()}") == []


def test_a_holder_sees_its_own_leaf_up_to_the_first_and_no_sibling(served):
    told = served.told
    caller = served.caller("supplier2")
    certificate = told.text("cert", "certificate")
    leaves = caller.items(f"/v1/certificates/{certificate}/leaves")
    own = {told.text("leaf", name) for name in ("leaf2", "whole")}
    assert {item["leaf_id"] for item in leaves} == own
    path = caller.get(f"/v1/leaves/{told.text('leaf', 'leaf2')}/path").json()
    assert [leaf["leaf_id"] for leaf in path["leaves"]] == [
        told.text("leaf", "leaf2"),
        told.text("leaf", "whole"),
    ]
    assert path["certificate"]["certificate_id"] == certificate
    assert path["invoice_root"] == INVOICE.hex()
    assert caller.get(f"/v1/leaves/{told.text('leaf', 'rest')}").status_code == 404


def test_leaves_are_filtered_by_holder_and_life(served):
    caller = served.caller("core")
    holder = served.told.party_text("bank")
    (item,) = caller.items(f"/v1/leaves?holder={holder}&life=discharged")
    assert item["leaf_id"] == served.told.text("leaf", "rest")
    assert (item["amount_minor"], item["outstanding_minor"]) == (str(REST), "0")


def test_offers_are_read_by_who_made_them_and_to_whom(served):
    leaf = served.told.text("leaf", "whole")
    for name in ("supplier1", "supplier2"):
        found = served.caller(name).items(f"/v1/transfer-offers?leaf_id={leaf}&status=accepted")
        assert [item["amount_minor"] for item in found] == [str(TO_SUPPLIER2)]
    assert served.caller("bank").items("/v1/transfer-offers") == []


def test_an_assignment_is_read_by_financier_seller_and_obligor(served):
    certificate = served.told.text("cert", "certificate")
    for name in ("bank", "supplier1", "core"):
        found = served.caller(name).items(f"/v1/encumbrances?certificate_id={certificate}")
        assert [item["advance_minor"] for item in found] == [str(REST)]
    assert served.caller("supplier2").items("/v1/encumbrances") == []


def test_an_issue_line_is_read_by_its_obligor_with_its_stop_flag(served):
    (line,) = served.caller("core").items("/v1/issue-lines")
    assert (line["limit_minor"], line["used_minor"], line["is_stopped"]) == (
        "1000000000",
        "0",
        False,
    )
    assert served.caller("bank").items("/v1/issue-lines") == []
