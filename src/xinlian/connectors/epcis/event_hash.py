"""The event hash id of CBV 2.0: one event, one id, however it was serialised.

Rules this file keeps:
 1. Fields are taken in the canonical order; lists and fields outside the standard are sorted.
 2. Times are UTC with milliseconds; numbers have no zeros at their end; words and compact URIs are
    written out; GS1 identifiers are canonical Digital Link URIs.
 3. ``eventID``, ``recordTime`` and ``errorDeclaration`` say nothing about what happened: they are
    left out, so a correction keeps the id of what it corrects; so is ``rdfs:comment``.
 4. Destinations come before sources, as in the reference implementation's vectors.

Source: GS1 CBV 2.0 section 8.9; vectors of github.com/RalphTro/epcis-event-hash-generator.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from xinlian.connectors.epcis.digital_link import canonical
from xinlian.connectors.epcis.names import VOCABULARIES, Names
from xinlian.connectors.json_input import JsonObject, pointer
from xinlian.connectors.values import time_ms_of
from xinlian.primitives.time import MS_PER_SECOND

_ORDER: Final = (
    "eventTime", "eventTimeZoneOffset", "certificationInfo", "epcList", "parentID", "inputEPCList",
    "childEPCs", "quantityList", "childQuantityList", "inputQuantityList", "outputEPCList",
    "outputQuantityList", "action", "transformationID", "bizStep", "disposition",
    "persistentDisposition", "readPoint", "bizLocation", "bizTransactionList", "destinationList",
    "sourceList", "sensorElementList", "ilmd",
)  # fmt: skip
_METADATA: Final = (
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData",
    "dataProcessingMethod", "bizRules",
)  # fmt: skip
_REPORT: Final = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time",
    "microorganism", "chemicalSubstance", "value", "component", "stringValue", "booleanValue",
    "hexBinaryValue", "uriValue", "minValue", "maxValue", "meanValue", "sDev", "percRank",
    "percValue", "uom", "coordinateReferenceSystem",
)  # fmt: skip
_TIMES: Final = frozenset(("eventTime", "time", "startTime", "endTime"))
_WORDS: Final = frozenset(("bizStep", "disposition", "set", "unset", "component", "exception"))
_LITERALS: Final = frozenset(
    ("eventTimeZoneOffset", "action", "stringValue", "hexBinaryValue", "uom")
)
_COMMENT: Final = "{http://www.w3.org/2000/01/rdf-schema#}comment"
_IGNORED: Final = frozenset(("@context", "type", "eventID", "recordTime", "errorDeclaration"))


def event_hash(event: JsonObject, names: Names) -> str:
    """Return the hash id of a valid event; ``names`` are those in force inside it.

    Raises:
        SchemaInvalid: a field has a prefix that no context declares.
        DateInvalid: a time does not exist.
    """
    digest = hashlib.sha256(pre_hash(event, names).encode()).hexdigest()
    return f"ni:///sha-256;{digest}?ver=CBV2.0"


def pre_hash(event: JsonObject, names: Names) -> str:
    """Return the text that is hashed."""
    parts = [f"eventType={event['type']}"]
    parts += [_field(name, event[name], names) for name in _ORDER if name in event]
    parts.append(_extensions(event, names, (*_ORDER, *_IGNORED)))
    return "".join(parts)


def _field(name: str, value: object, names: Names) -> str:
    match value:
        case dict():
            return _record(name, value, names)
        case list():
            return _list(name, value, names)
        case _:
            return f"{name}={_text(name, value, names)}"


def _record(name: str, value: JsonObject, names: Names) -> str:
    if name == "ilmd":
        return _headed(name, _extensions(value, names, ()))
    if name == "persistentDisposition":
        return _headed(name, "".join(_words(key, value, names) for key in ("set", "unset")))
    return _headed(name, _fields(value, ("id",), names))


def _list(name: str, items: list[object], names: Names) -> str:
    if name == "certificationInfo":
        return "".join(sorted(f"{name}={_text(name, item, names)}" for item in items))
    return _headed(name, "".join(sorted(_item(name, item, names) for item in items)))


def _item(name: str, item: object, names: Names) -> str:
    if not isinstance(item, dict):
        return f"epc={_text('epc', item, names)}"
    if name == "sensorElementList":
        return _sensor_element(item, names)
    if name.lower().endswith("quantitylist"):
        return "quantityElement" + _fields(item, ("epcClass", "quantity", "uom"), names)
    identifier = name.removesuffix("List")
    kind = item.get("type")
    typed = f"type={names.word(name, kind)}" if isinstance(kind, str) else ""
    return typed + _fields(item, (identifier,), names, ("type",))


def _sensor_element(element: JsonObject, names: Names) -> str:
    text = "sensorElement"
    metadata, reports = element.get("sensorMetadata"), element.get("sensorReport")
    if isinstance(metadata, dict):
        text += "sensorMetadata" + _fields(metadata, _METADATA, names)
    if isinstance(reports, list):
        text += "".join(
            sorted(
                "sensorReport" + _fields(report, _REPORT, names)
                for report in reports
                if isinstance(report, dict)
            )
        )
    return text + _extensions(element, names, ("sensorMetadata", "sensorReport"))


def _words(key: str, value: Mapping[str, object], names: Names) -> str:
    words = value.get(key)
    if not isinstance(words, list):
        return ""
    return "".join(sorted(f"{key}={_text(key, word, names)}" for word in words))


def _fields(
    record: JsonObject, order: tuple[str, ...], names: Names, ignored: tuple[str, ...] = ()
) -> str:
    """Return a record's fields in order, then those outside the standard, sorted."""
    parts = [
        f"{name}={_text('sensorReport' if name == 'type' else name, record[name], names)}"
        for name in order
        if name in record
    ]
    return "".join(parts) + _extensions(record, names, (*order, *ignored))


def _extensions(record: JsonObject, names: Names, standard: tuple[str, ...]) -> str:
    """Return the fields outside the standard with what is in them, sorted."""
    fields = [
        (names.field(name, pointer(name)), value)
        for name, value in record.items()
        if name not in standard and not name.startswith("@")
    ]
    return "".join(
        sorted(_extension(name, value, names) for name, value in fields if name != _COMMENT)
    )


def _extension(name: str, value: object, names: Names) -> str:
    match value:
        case dict():
            return name + _extensions(value, names, ())
        case list():
            return "".join(sorted(_extension(name, item, names) for item in value))
        case _:
            return f"{name}={_literal(value)}"


def _headed(name: str, content: str) -> str:
    """Return a parent's name before its content; a parent without content is not there."""
    return name + content if content else ""


def _text(name: str, value: object, names: Names) -> str:
    if not isinstance(value, str) or name in _LITERALS:
        return _literal(value)
    value = value.strip()
    if name in _TIMES:
        return _utc(value, pointer(name))
    if name in _WORDS or (name in VOCABULARIES and name == "sensorReport"):
        return names.word(name, value)
    return canonical(names.uri(value))


def _literal(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal() | int():
            return _number(Decimal(value))
        case None:
            return ""
        case _:
            return str(value).strip()


def _number(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") or "0" if "." in text else text


def _utc(value: str, where: str) -> str:
    seconds, millis = divmod(time_ms_of(value, where), MS_PER_SECOND)
    moment = dt.datetime.fromtimestamp(seconds, tz=dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{millis:03}Z"
