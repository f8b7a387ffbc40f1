"""One form for a GS1 identifier; vectors of the reference implementation of the CBV event hash.

Source: github.com/RalphTro/epcis-event-hash-generator @ 5d2f1c3, tests/examples/
epclist_normalisation and epcisDocWithAllGS1Keys.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinlian.connectors.epcis.digital_link import canonical, has_check_digit

VECTORS = {
    "urn:epc:id:sgtin:4012345.011111.9876": "01/04012345111118/21/9876",
    "urn:epc:id:sgtin:4012345.011111.98%22": "01/04012345111118/21/98%22",
    "urn:epc:id:sgtin:415056789012.0.987654": "01/04150567890128/21/987654",
    "urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()": (
        "01/80614141123458/21/6789%2F%26%25%22%21%3F%28%29"
    ),
    "urn:epc:id:sscc:4012345.3111111111": "00/340123451111111111",
    "urn:epc:id:sgln:4012345.00005.122": "414/4012345000054/254/122",
    "urn:epc:id:sgln:4012345.00005.0": "414/4012345000054",
    "urn:epc:id:grai:4012345.00022.334455": "8003/04012345000221334455",
    "urn:epc:id:giai:4012345.ABC345": "8004/4012345ABC345",
    "urn:epc:id:gsrn:4012345.0000006765": "8018/401234500000067657",
    "urn:epc:id:gsrnp:4012345.0000000007": "8017/401234500000000074",
    "urn:epc:id:gdti:4012345.00009.PO-4711": "253/4012345000092PO-4711",
    "urn:epc:id:gdti:987659999999..9": "253/98765999999929",
    "urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234": (
        "8010/061414111111111111111-A%23%2F/8011/1234"
    ),
    "urn:epc:id:ginc:0614141.xyz47%2F11": "401/0614141xyz47%2F11",
    "urn:epc:id:gsin:4012345.222333444": "402/40123452223334442",
    "urn:epc:id:itip:4012345.011111.01.02.987": "8006/040123451111180102/21/987",
    "urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB": (
        "01/01234567987651/235/51qIgY%29%3C%26Jp3%2Aj7'SDB"
    ),
    "urn:epc:id:pgln:4000001.00000": "417/4000001000005",
    "urn:epc:id:pgln:999999999999.": "417/9999999999994",
    "urn:epc:class:lgtin:4012345.012345.Lot987": "01/04012345123456/10/Lot987",
    "https://id.gs1.org/gtin/09780345418913": "01/09780345418913",
    "https://example.com/gtin/09780345418913/21/765tz?abc=211121": "01/09780345418913/21/765tz",
}


@pytest.mark.parametrize(("uri", "path"), VECTORS.items())
def test_published_vectors_hold(uri, path):
    assert canonical(uri) == f"https://id.gs1.org/{path}"


@pytest.mark.parametrize("uri", VECTORS)
def test_the_canonical_form_is_its_own(uri):
    assert canonical(canonical(uri)) == canonical(uri)
    assert has_check_digit(canonical(uri))


@pytest.mark.parametrize(
    "uri",
    [
        "http://transaction.acme.com/po/12345678",
        "http://www.opengis.net/def/crs/EPSG/0/27700",
        "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "urn:epcglobal:cbv:bt:0614141073467:1152",
        "geo:50.947573340894124,6.922120147375441",
        "urn:epc:id:sgtin:4012345.0111.9876",
        "urn:epc:id:sgtin:4012345",
        "urn:epc:id:sgln:",
        "urn:epc:id:unknown:4012345.1",
        "urn:epc:id:sscc:40123x5.3111111111",
        "urn:epc:id:sscc:４012345.3111111111",
        "https://example.com/01/123/21",
        "https://example.com",
        "",
    ],
)
def test_what_is_no_gs1_identifier_stays_as_it_is(uri):
    assert canonical(uri) == uri


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("https://example.com/shop/01/09780345418913/22/2A/10/L1/21/S1", "01/09780345418913/21/S1"),
        ("https://example.com/01/09780345418913/10/L1", "01/09780345418913/10/L1"),
        ("https://example.com/01/9780345418913", "01/09780345418913"),
        ("https://example.com/gln/4012345000054/", "414/4012345000054"),
        ("urn:epc:idpat:sgtin:4012345.066666.*", "01/04012345666663"),
        ("urn:epc:idpat:grai:4012345.66666.*", "8003/04012345666663"),
        ("urn:epc:idpat:itip:4012345.012345.01.02.*", "8006/040123451234560102"),
    ],
)
def test_the_finest_key_and_qualifier_are_kept(uri, path):
    assert canonical(uri) == f"https://id.gs1.org/{path}"


def test_a_wrong_check_digit_in_a_link_is_seen():
    assert not has_check_digit(canonical("https://example.com/01/09780345418914/21/S1"))
    assert not has_check_digit(canonical("https://example.com/00/340123451111111112"))
    assert not has_check_digit(canonical("https://example.com/253/4012345000093PO-1"))
    assert has_check_digit(canonical("https://example.com/8004/anything"))
    assert has_check_digit("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6")


@given(st.text())
def test_any_text_is_taken(text):
    for uri in (text, f"urn:epc:id:sgtin:{text}", f"https://example.com/01/{text}"):
        assert isinstance(canonical(uri), str)
        has_check_digit(canonical(uri))
