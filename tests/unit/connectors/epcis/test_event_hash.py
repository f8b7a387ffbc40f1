"""The CBV 2.0 event hash id, against the vectors of its reference implementation.

Source of events and hashes: github.com/RalphTro/epcis-event-hash-generator @ 5d2f1c3 (MIT),
tests/examples; the name of the file is beside each.
"""

import random

import pytest

from unit.connectors.samples import json_bytes
from xinlian.connectors.epcis.event_hash import event_hash, pre_hash
from xinlian.connectors.epcis.names import STANDARD_NAMES
from xinlian.connectors.errors import DateInvalid, SchemaInvalid
from xinlian.connectors.json_input import read_json

NAMES = STANDARD_NAMES.within(
    {
        "example": "https://ns.example.com/epcis/",
        "abc": "https://ns.abc.de/epcis/",
        "ext1": "https://ns.ext.de/epcis/",
        "fgh": "https://ns.fgh.co.uk/epcis/",
        "schema": "https://schema.org/",
        "sdo": "https://schema.org/",
    }
)
_HEAD = {"type": "ObjectEvent", "action": "OBSERVE", "eventTimeZoneOffset": "+01:00"}
REFERENCE_1 = {
    **_HEAD,
    "eventTime": "2020-03-04T11:00:30.000+01:00",
    "recordTime": "2020-03-04T11:00:30.999+01:00",
    "epcList": [
        "urn:epc:id:sscc:4012345.0000000333",
        "urn:epc:id:sscc:4012345.0000000111",
        "urn:epc:id:sscc:4012345.0000000222",
    ],
    "bizStep": "departing",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00011.987"},
    "example:myField1": {"example:mySubField1": "2", "example:mySubField2": "5"},
    "example:myField2": "0",
    "example:myField3": {"example:mySubField3": ["3", "1"]},
}
REFERENCE_3 = {
    **_HEAD,
    "eventTime": "2020-03-04T11:00:30+01:00",
    "epcList": ["urn:epc:id:sgtin:0614141.011111.987"],
    "bizStep": "departing",
    "disposition": "in_transit",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00011.0", "example:myField1": "AB-12"},
    "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epc:id:gdti:4012345.11111.123"}],
    "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00000"}],
    "destinationList": [{"type": "owning_party", "destination": "urn:epc:id:pgln:0614141.00000"}],
    "example:userExt": "CD-34",
}
CERTIFIED = {
    **_HEAD,
    "eventTime": "2023-01-11T12:00:00+01:00",
    "certificationInfo": "https://accreditation-council.example.org/certificate/ABC12345",
    "epcList": ["https://id.gs1.de/01/04012345999990/21/XYZ-1234"],
    "bizStep": "receiving",
    "disposition": "in_progress",
    "readPoint": {"id": "https://id.gs1.de/414/4012345000115"},
    "sensorElementList": [
        {
            "sensorMetadata": {
                "time": "2023-01-11T11:05:00Z",
                "bizRules": "https://id.example.com/253/4012345000054987",
                "ext1:someFurtherMetadata": "metadataText",
            },
            "sensorReport": [
                {
                    "type": "Dimensionless",
                    "exception": "ALARM_CONDITION",
                    "coordinateReferenceSystem": "http://www.opengis.net/def/crs/EPSG/0/27700",
                    "ext1:someFurtherReportData": "reportText",
                }
            ],
        }
    ],
}


def _reading(time, *reports):
    return {
        "sensorMetadata": {
            "time": time,
            "deviceID": "urn:epc:id:giai:4000001.111",
            "deviceMetadata": "https://id.gs1.org/8004/4000001111",
            "rawData": "https://id.example.org/8004/401234599999",
        },
        "sensorReport": [
            {"type": kind, "value": value, "uom": unit} for kind, value, unit in reports
        ],
    }


SENSED = {
    **_HEAD,
    "eventTime": "2022-02-16T15:00:00.000+01:00",
    "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"],
    "bizStep": "inspecting",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
    "sensorElementList": [
        _reading(
            f"2022-02-16T14:{minute}:00.000+01:00",
            ("Temperature", celsius, "CEL"),
            ("AbsoluteHumidity", humidity, "A93"),
            ("Speed", speed, "KMH"),
            ("Illuminance", lux, "LUX"),
        )
        for minute, celsius, humidity, speed, lux in (
            ("05", 26, 12.1, 160, 800),
            ("35", 26.1, 12.2, 161, 801),
            ("55", 26.2, 12.2, 162, 802),
        )
    ],
}
COMMENTED = {
    "type": "ObjectEvent",
    "eventID": "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "action": "OBSERVE",
    "rdfs:comment": "An ObjectEvent may be used for reporting an observation",
    "bizStep": "shipping",
    "disposition": "in_transit",
    "epcList": ["urn:epc:id:sgtin:0614141.107346.2017", "urn:epc:id:sgtin:0614141.107346.2018"],
    "eventTime": "2005-04-03T20:33:31.116000-06:00",
    "eventTimeZoneOffset": "-06:00",
    "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234"},
    "bizTransactionList": [
        {"type": "po", "bizTransaction": "http://transaction.acme.com/po/12345678"}
    ],
}
VECTORS = {
    "ReferenceEventHashAlgorithm": (
        REFERENCE_1,
        "6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7",
    ),
    "ReferenceEventHashAlgorithm3": (
        REFERENCE_3,
        "a13cbe6c8bb6df3710b3edaeff760a1365ec8fd69ca1f4d7e0c10eb5189a883a",
    ),
    "CertificationInfoAndSensorReportWithCRS": (
        CERTIFIED,
        "765891c0478707141565408cefb87841b7531936188edd0ff0e63e91789b7c09",
    ),
    "epcisDocWithSensorDataObjectEvent": (
        SENSED,
        "4afcdd3db3ff438fbe6c5a341ab8d1c405945f10d0c9a21b44d9ff45358b3801",
    ),
    "epcisDocHavingEventWithComment": (
        COMMENTED,
        "df6523665bc5e5803d6c7b84f5a04e103694d8220f2abc4f2c74310e89f31bc6",
    ),
}


def _as_read(event):
    """Return the event with the exact numbers that the reader of files gives."""
    value = read_json(json_bytes(event))
    assert isinstance(value, dict)
    return value


@pytest.mark.parametrize(("event", "digest"), VECTORS.values(), ids=VECTORS)
def test_published_hashes_hold(event, digest):
    assert event_hash(_as_read(event), NAMES) == f"ni:///sha-256;{digest}?ver=CBV2.0"


@pytest.mark.parametrize(("event", "digest"), VECTORS.values(), ids=VECTORS)
def test_order_in_the_file_does_not_matter(event, digest):
    shuffling = random.Random(7)

    def shuffled(value):
        if isinstance(value, dict):
            names = list(value)
            shuffling.shuffle(names)
            return {name: shuffled(value[name]) for name in names}
        if isinstance(value, list):
            items = [shuffled(item) for item in value]
            shuffling.shuffle(items)
            return items
        return value

    assert digest in event_hash(_as_read(shuffled(event)), NAMES)


def test_two_ways_to_write_one_event_have_one_hash():
    other = {
        **REFERENCE_3,
        "eventTime": "2020-03-04T10:00:30.0004Z",
        "epcList": ["https://example.com/gtin/00614141111114/21/987?x=1"],
        "bizStep": "https://ref.gs1.org/cbv/BizStep-departing",
        "disposition": "cbv:Disp-in_transit",
        "eventID": "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "errorDeclaration": {"declarationTime": "2020-03-05T10:00:30Z"},
        "inputEPCList": [],
    }
    assert event_hash(_as_read(other), NAMES) == event_hash(_as_read(REFERENCE_3), NAMES)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("eventTime", "2020-03-04T11:00:30.001+01:00"),
        ("action", "ADD"),
        ("bizStep", "arriving"),
        ("epcList", ["urn:epc:id:sgtin:0614141.011111.988"]),
        ("example:userExt", "CD-35"),
        ("example:another", 1),
        ("readPoint", {"id": "urn:epc:id:sgln:4012345.00011.0"}),
    ],
)
def test_what_happened_otherwise_has_another_hash(field, value):
    other = {**REFERENCE_3, field: value}
    assert event_hash(_as_read(other), NAMES) != event_hash(_as_read(REFERENCE_3), NAMES)


def test_own_fields_are_written_with_their_namespaces_and_sorted():
    """Of ralfsChaosExample: two prefixes of one namespace, numbers and dates."""
    own = {
        "fgh:a-date": "2023-10-09",
        "abc:a-integer": 2,
        "abc:z-integer": 1,
        "schema:award": "Order of Standards",
        "schema:mpn": "4711",
        "sdo:nsn": "4712",
    }
    assert pre_hash(_as_read({**COMMENTED, **own}), NAMES).endswith(
        "{https://ns.abc.de/epcis/}a-integer=2{https://ns.abc.de/epcis/}z-integer=1"
        "{https://ns.fgh.co.uk/epcis/}a-date=2023-10-09"
        "{https://schema.org/}award=Order of Standards{https://schema.org/}mpn=4711"
        "{https://schema.org/}nsn=4712"
    )


def test_numbers_have_no_zeros_at_their_end():
    event = {
        **_HEAD,
        "eventTime": "2022-02-16T14:00:00Z",
        "quantityList": [{"epcClass": "urn:x:y", "quantity": 26.50, "uom": "KGM"}],
        "example:none": None,
        "example:yes": True,
    }
    text = pre_hash(_as_read(event), NAMES)
    assert "quantityListquantityElementepcClass=urn:x:yquantity=26.5uom=KGM" in text
    assert pre_hash(_as_read({**event, "example:n": 100}), NAMES).count("n=100") == 1
    assert text.endswith("none={https://ns.example.com/epcis/}yes=true")


def test_a_prefix_that_nobody_declares_is_refused():
    with pytest.raises(SchemaInvalid) as refused:
        event_hash(_as_read({**REFERENCE_3, "nobody:field": "1"}), NAMES)
    assert refused.value.where == "/nobody:field"


def test_a_time_that_does_not_exist_is_refused():
    with pytest.raises(DateInvalid):
        event_hash(_as_read({**REFERENCE_3, "eventTime": "2020-02-30T11:00:30Z"}), NAMES)
