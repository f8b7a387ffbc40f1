"""EPCIS 2.0 in JSON: a document with a list of events, or one event.

Rules this file keeps:
 1. Structure, action, times and words are those of the standard; a word of one's own is a URI;
    a field of one's own has a declared namespace.
 2. An identifier is kept in its canonical form, so that an EPC URI and a Digital Link URI of one
    thing are equal; standard words are kept bare.
 3. A class of goods without a quantity is read as quantity 0: nothing is claimed about it.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

from xinlian.connectors.epcis.digital_link import canonical, has_check_digit
from xinlian.connectors.epcis.event_hash import event_hash
from xinlian.connectors.epcis.names import STANDARD_NAMES, Names
from xinlian.connectors.errors import (
    DateInvalid,
    DuplicateId,
    SchemaInvalid,
    TooManyNodes,
    UnsupportedDocumentType,
    WrongCheckDigit,
    quoted,
)
from xinlian.connectors.json_input import JsonObject, pointer
from xinlian.connectors.json_schema import validate
from xinlian.connectors.values import quantity_e6, time_ms_of
from xinlian.modules.evidence.statements import (
    LINES_MAX,
    GoodsEvent,
    GoodsEventStatement,
    GoodsQuantity,
)

EPCIS_FORMAT: Final = "epcis-2.0-json"
EPCIS_SCHEMA: Final = "epcis-2.0.json"
EPCIS_EVENT_TYPES: Final = (
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
)
_DOCUMENT: Final = "EPCISDocument"
_QUERY_DOCUMENT: Final = "EPCISQueryDocument"
_BUSINESS_TRANSACTION: Final = "urn:epcglobal:cbv:bt:"
_OBJECT_LISTS: Final = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_QUANTITY_LISTS: Final = (
    "quantityList",
    "childQuantityList",
    "inputQuantityList",
    "outputQuantityList",
)


def read_epcis(document: JsonObject, source_hash: str) -> GoodsEventStatement:
    """Return the events of a document.

    Raises:
        SchemaInvalid: with the JSON pointer of what breaks the standard.
        DocumentError: see ``errors.py``.
    """
    if document.get("type") == _QUERY_DOCUMENT:
        raise UnsupportedDocumentType("/type", f"EPCIS {_QUERY_DOCUMENT}")
    validate(document, EPCIS_SCHEMA)
    names = STANDARD_NAMES.within(document.get("@context"))
    events = list(_events(document))
    if len(events) > LINES_MAX:
        raise TooManyNodes("/epcisBody/eventList", f"more than {LINES_MAX} events")
    _require_unique_ids(events)
    created = document.get("creationDate")
    return GoodsEventStatement(
        source_format=EPCIS_FORMAT,
        source_hash=source_hash,
        created_at_ms=time_ms_of(created, "/creationDate") if isinstance(created, str) else None,
        events=tuple(_Event(event, where, names).read() for where, event in events),
    )


def _events(document: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """Yield each event with its JSON pointer."""
    if document.get("type") != _DOCUMENT:
        yield "", document
        return
    body = document.get("epcisBody")
    events = body.get("eventList") if isinstance(body, dict) else None
    for index, event in enumerate(events if isinstance(events, list) else ()):
        if isinstance(event, dict):
            yield pointer("epcisBody", "eventList", index), event


def _require_unique_ids(events: list[tuple[str, JsonObject]]) -> None:
    seen: set[object] = set()
    for where, event in events:
        event_id = event.get("eventID")
        if isinstance(event_id, str) and "errorDeclaration" not in event:
            if event_id in seen:
                raise DuplicateId(f"{where}/eventID", quoted(event_id))
            seen.add(event_id)


class _Event:
    """Reads one event that the schema has accepted."""

    def __init__(self, event: JsonObject, where: str, names: Names) -> None:
        self._event = event
        self._where = where
        self._names = names.within(event.get("@context"))

    def read(self) -> GoodsEvent:
        """Return what the event states."""
        return GoodsEvent(
            event_type=self._text("type") or "",
            event_hash=self._hash(),
            event_time_ms=time_ms_of(self._text("eventTime") or "", f"{self._where}/eventTime"),
            action=self._text("action"),
            business_step=self._word("bizStep"),
            disposition=self._word("disposition"),
            read_point=self._place("readPoint"),
            business_location=self._place("bizLocation"),
            objects=self._objects(),
            quantities=tuple(self._quantities()),
            business_transactions=self._typed("bizTransactionList", "bizTransaction"),
            sources=self._typed("sourceList", "source"),
            destinations=self._typed("destinationList", "destination"),
            sensor_readings=self._sensor_readings(),
        )

    def _hash(self) -> str:
        try:
            return event_hash(self._event, self._names)
        except (SchemaInvalid, DateInvalid) as error:
            raise type(error)(f"{self._where}{error.where}", error.detail) from None

    def _text(self, name: str) -> str | None:
        value = self._event.get(name)
        return value if isinstance(value, str) else None

    def _word(self, name: str) -> str | None:
        value = self._text(name)
        return None if value is None else self._names.short_word(name, value)

    def _id(self, value: object, *steps: str | int) -> str:
        """Return an identifier's canonical form; the steps say where it is."""
        uri = canonical(self._names.uri(str(value)))
        if not has_check_digit(uri):
            raise WrongCheckDigit(f"{self._where}{pointer(*steps)}", quoted(str(value)))
        return uri

    def _place(self, name: str) -> str | None:
        place = self._event.get(name)
        return self._id(place["id"], name, "id") if isinstance(place, dict) else None

    def _items(self, name: str) -> list[object]:
        value = self._event.get(name)
        return value if isinstance(value, list) else []

    def _records(self, name: str) -> Iterator[tuple[int, JsonObject]]:
        for index, item in enumerate(self._items(name)):
            if isinstance(item, dict):
                yield index, item

    def _objects(self) -> tuple[str, ...]:
        """Return the parent, then all objects that the event is about."""
        parent = self._text("parentID")
        objects = [] if parent is None else [self._id(parent, "parentID")]
        for name in _OBJECT_LISTS:
            seen: set[object] = set()
            for index, epc in enumerate(self._items(name)):
                if epc in seen:
                    where = f"{self._where}{pointer(name, index)}"
                    raise DuplicateId(where, f"{quoted(str(epc))} occurs twice")
                seen.add(epc)
                objects.append(self._id(epc, name, index))
        return tuple(objects)

    def _quantities(self) -> Iterator[GoodsQuantity]:
        for name in _QUANTITY_LISTS:
            for index, item in self._records(name):
                where = f"{self._where}{pointer(name, index, 'quantity')}"
                unit = item.get("uom")
                yield GoodsQuantity(
                    item_id=self._id(item["epcClass"], name, index, "epcClass"),
                    quantity_e6=quantity_e6(str(item.get("quantity", 0)), where),
                    unit=unit if isinstance(unit, str) else None,
                )

    def _typed(self, name: str, field: str) -> tuple[tuple[str, str], ...]:
        return tuple(
            (
                self._names.short_word(name, str(item["type"])) if "type" in item else "",
                _transaction_id(self._id(item[field], name, index, field)),
            )
            for index, item in self._records(name)
        )

    def _sensor_readings(self) -> int:
        reports = [item.get("sensorReport") for _, item in self._records("sensorElementList")]
        return sum(len(report) for report in reports if isinstance(report, list))


def _transaction_id(uri: str) -> str:
    """Return the number that a party gave a transaction, without the GLN that it is unique in."""
    if not uri.startswith(_BUSINESS_TRANSACTION):
        return uri
    return unquote(uri.removeprefix(_BUSINESS_TRANSACTION).partition(":")[2]) or uri
