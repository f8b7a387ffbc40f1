"""Events of goods: structure by the standard, identifiers in one form."""

import pytest

from unit.connectors.samples import EVENT, document_of, json_bytes
from xinlian.connectors.epcis import EPCIS_EVENT_TYPES, read_epcis
from xinlian.connectors.errors import (
    AmountInvalid,
    DateInvalid,
    DocumentError,
    DuplicateId,
    SchemaInvalid,
    UnsupportedDocumentType,
    WrongCheckDigit,
)
from xinlian.connectors.json_input import read_json
from xinlian.modules.evidence.statements import GoodsQuantity
from xinlian.primitives.time import china_midnight_ms, day_of_iso

OBJECT = {
    "@context": EVENT["@context"],
    "type": "ObjectEvent",
    "eventTime": "2026-09-12T10:00:00+08:00",
    "eventTimeZoneOffset": "+08:00",
    "action": "OBSERVE",
    "epcList": ["urn:epc:id:sgtin:4012345.011111.1"],
}


def _read(document):
    value = read_json(json_bytes(document))
    assert isinstance(value, dict)
    return read_epcis(value, "ab")


def _refused(error, document):
    with pytest.raises(error) as refused:
        _read(document)
    return refused.value.where


def _without(event, *names):
    return {name: value for name, value in event.items() if name not in names}


def test_an_event_is_read_field_by_field():
    statement = _read(EVENT)
    assert (statement.source_format, statement.source_hash) == ("epcis-2.0-json", "ab")
    assert statement.created_at_ms is None
    event = statement.events[0]
    assert event.event_type == "AggregationEvent"
    assert event.event_hash.startswith("ni:///sha-256;")
    assert event.event_time_ms == china_midnight_ms(day_of_iso("2026-09-12")) + 10 * 3_600_000
    assert (event.action, event.business_step, event.disposition) == (
        "OBSERVE",
        "receiving",
        "in_progress",
    )
    assert event.read_point == "https://id.gs1.org/414/4012345000054"
    assert event.business_location is None
    assert event.objects == ("https://id.gs1.org/00/040123450000001112",)
    assert event.quantities == (
        GoodsQuantity("https://id.gs1.org/01/06901234567892/10/L1", 4_000_000, "EA"),
    )
    assert event.business_transactions == (("po", "PO-1"),)
    assert (event.sources, event.destinations, event.sensor_readings) == ((), (), 0)


def test_a_document_s_events_are_read_in_their_order():
    statement = _read(document_of(_without(EVENT, "demo:dock"), OBJECT))
    assert [event.event_type for event in statement.events] == ["AggregationEvent", "ObjectEvent"]
    assert statement.created_at_ms is not None


def test_parties_places_and_sensors_are_read():
    event = {
        **OBJECT,
        "bizLocation": {"id": "urn:epc:id:sgln:4012345.00012.0"},
        "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00000"}],
        "destinationList": [{"type": "location", "destination": "urn:epc:id:sgln:4012345.00012.0"}],
        "bizTransactionList": [{"bizTransaction": "urn:uuid:1"}],
        "sensorElementList": [
            {"sensorReport": [{"type": "Temperature", "value": 4.5, "uom": "CEL"}] * 2},
            {"sensorReport": [{"type": "demo:Shock", "value": 1}]},
        ],
    }
    read = _read(event).events[0]
    assert read.business_location == "https://id.gs1.org/414/4012345000122"
    assert read.sources == (("owning_party", "https://id.gs1.org/417/4012345000009"),)
    assert read.destinations == (("location", "https://id.gs1.org/414/4012345000122"),)
    assert read.business_transactions == (("", "urn:uuid:1"),)
    assert read.sensor_readings == 3


def test_a_class_without_a_quantity_claims_nothing():
    event = {**OBJECT, "quantityList": [{"epcClass": "urn:epc:idpat:sgtin:4012345.066666.*"}]}
    assert _read(event).events[0].quantities == (
        GoodsQuantity("https://id.gs1.org/01/04012345666663", 0, None),
    )


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"type": "LoadingEvent"}, "/type"),
        ({"action": "LOOK"}, "/action"),
        ({"bizStep": "transforming"}, "/bizStep"),
        ({"bizStep": "urn:epcglobal:cbv:bizstep:receiving"}, "/bizStep"),
        ({"bizStep": "https://ref.gs1.org/cbv/BizStep-transforming"}, "/bizStep"),
        ({"bizStep": {}}, "/bizStep"),
        ({"disposition": "in_transport"}, "/disposition"),
        ({"epcList": "urn:epc:id:sgtin:4012345.011111.1"}, "/epcList"),
        ({"epcList": ["no uri"]}, "/epcList/0"),
        ({"epcList": [f"urn:x:{'9' * 1_000}"]}, "/epcList/0"),
        ({"epcList": []}, ""),
        ({"eventTime": "12.09.2026"}, "/eventTime"),
        ({"eventTime": "2026-09-12T10:00:00"}, "/eventTime"),
        ({"eventTimeZoneOffset": "+15:00"}, "/eventTimeZoneOffset"),
        ({"quantityList": [{"quantity": 1}]}, "/quantityList/0/epcClass"),
        ({"quantityList": [{"epcClass": "urn:a:b", "quantity": "1"}]}, "/quantityList/0/quantity"),
        ({"quantityList": [{"epcClass": "urn:a:b", "quantity": -1}]}, "/quantityList/0/quantity"),
        ({"quantityList": [{"epcClass": "urn:a:b", "weight": 1}]}, "/quantityList/0/weight"),
        ({"readPoint": {}}, "/readPoint/id"),
        ({"ilmd": {"lot": "1"}}, "/ilmd/lot"),
        ({"dock": "3"}, "/dock"),
        ({"nobody:dock": "3"}, "/nobody:dock"),
        ({"certificationInfo": [{"agency": "x"}]}, "/certificationInfo/0"),
        ({"parentID": "urn:a:b"}, "/parentID"),
        ({"sensorElementList": [{"sensorReport": []}]}, "/sensorElementList/0/sensorReport"),
        ({"persistentDisposition": {}}, "/persistentDisposition"),
    ],
)
def test_what_the_standard_does_not_know_is_pointed_at(changes, where):
    assert _refused(SchemaInvalid, {**OBJECT, **changes}) == where
    inside = _refused(SchemaInvalid, document_of({**OBJECT, **changes}))
    assert inside == f"/epcisBody/eventList/0{where}"


@pytest.mark.parametrize("name", ["action", "eventTime", "eventTimeZoneOffset", "@context"])
def test_required_fields_are_pointed_at(name):
    assert _refused(SchemaInvalid, _without(OBJECT, name)) == f"/{name}"


@pytest.mark.parametrize(
    ("changes", "dropped"),
    [
        ({"type": "AggregationEvent", "action": "ADD", "childEPCs": ["urn:a:b"]}, ("epcList",)),
        ({"type": "AggregationEvent", "parentID": "urn:a:b"}, ("epcList",)),
        ({"type": "AssociationEvent", "childEPCs": ["urn:a:b"]}, ("epcList",)),
        ({"type": "TransactionEvent"}, ()),
        ({"type": "TransactionEvent", "bizTransactionList": []}, ("epcList",)),
        ({"type": "TransformationEvent", "inputEPCList": ["urn:a:b"]}, ("epcList", "action")),
        ({}, ("epcList",)),
    ],
)
def test_every_type_needs_its_identifiers(changes, dropped):
    _refused(SchemaInvalid, _without({**OBJECT, **changes}, *dropped))


@pytest.mark.parametrize(
    ("changes", "dropped"),
    [
        ({"type": "AggregationEvent", "action": "DELETE", "parentID": "urn:a:b"}, ("epcList",)),
        (
            {"type": "AssociationEvent", "parentID": "urn:a:b", "childEPCs": ["urn:a:c"]},
            ("epcList",),
        ),
        ({"type": "TransactionEvent", "bizTransactionList": [{"bizTransaction": "urn:a:b"}]}, ()),
        (
            {
                "type": "TransformationEvent",
                "inputEPCList": ["urn:a:b"],
                "outputEPCList": ["urn:a:c"],
            },
            ("epcList", "action"),
        ),
        ({"sensorElementList": [{"sensorReport": [{"type": "Temperature"}]}]}, ("epcList",)),
    ],
)
def test_every_type_is_read_with_its_identifiers(changes, dropped):
    event = _without({**OBJECT, **changes}, *dropped)
    assert _read(event).events[0].event_type == event["type"]
    assert event["type"] in EPCIS_EVENT_TYPES


def test_one_object_is_listed_once_and_one_event_once():
    twice = {**OBJECT, "epcList": ["urn:epc:id:sgtin:4012345.011111.1"] * 2}
    assert _refused(DuplicateId, twice) == "/epcList/1"
    named = {**OBJECT, "eventID": "urn:uuid:1"}
    assert _refused(DuplicateId, document_of(named, named)) == "/epcisBody/eventList/1/eventID"


def test_an_event_and_its_correction_may_share_their_id():
    named = {**OBJECT, "eventID": "urn:uuid:1"}
    wrong = {**named, "errorDeclaration": {"declarationTime": "2026-09-13T00:00:00Z"}}
    assert len(_read(document_of(named, wrong)).events) == 2


def test_wrong_check_digits_of_goods_and_places_are_pointed_at():
    goods = {**OBJECT, "epcList": ["https://id.gs1.org/01/06901234567893/21/1"]}
    place = {**OBJECT, "readPoint": {"id": "https://id.gs1.org/414/4012345000055"}}
    assert _refused(WrongCheckDigit, goods) == "/epcList/0"
    assert _refused(WrongCheckDigit, document_of(OBJECT, place)) == (
        "/epcisBody/eventList/1/readPoint/id"
    )


def test_a_quantity_with_too_many_decimals_is_refused():
    event = {**OBJECT, "quantityList": [{"epcClass": "urn:a:b", "quantity": 0.0000001}]}
    assert _refused(AmountInvalid, event) == "/quantityList/0/quantity"


@pytest.mark.parametrize("time", ["2026-02-30T10:00:00Z", "2026-09-12T25:00:00Z"])
def test_a_time_that_does_not_exist_is_refused(time):
    where = _refused(DateInvalid, document_of({**OBJECT, "eventTime": time}))
    assert where == "/epcisBody/eventList/0/eventTime"


def test_answers_to_queries_are_not_documents():
    _refused(UnsupportedDocumentType, {**document_of(OBJECT), "type": "EPCISQueryDocument"})


@pytest.mark.parametrize("name", ["schemaVersion", "creationDate", "epcisBody"])
def test_a_document_has_its_head_and_body(name):
    assert _refused(SchemaInvalid, _without(document_of(OBJECT), name)) == f"/{name}"


def test_a_document_without_events_or_of_another_version_is_refused():
    assert _refused(SchemaInvalid, document_of()) == "/epcisBody/eventList"
    assert _refused(SchemaInvalid, {**document_of(OBJECT), "schemaVersion": "1.2"}) == (
        "/schemaVersion"
    )


@pytest.mark.parametrize("name", EVENT)
def test_a_field_of_any_other_shape_is_refused_or_read_never_worse(name):
    shapes: list[object] = [None, 1, "x", [], {}, [[]], [{}], [None], {"a": 1}, True]
    refused = 0
    for value in shapes:
        try:
            _read({**EVENT, name: value})
        except DocumentError:
            refused += 1
    assert refused > 0 or name == "demo:dock"
