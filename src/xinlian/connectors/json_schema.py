"""Validation of JSON documents against the schemas of this package.

Rules this file keeps:
 1. Schemas are files of this package; none is ever fetched.
 2. The first thing that is wrong is named by its JSON pointer, in words of ours: a validator's
    messages would quote whole documents.
"""

import functools
import json
import re
from collections.abc import Mapping
from importlib import resources
from typing import Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from xinlian.connectors.errors import SchemaInvalid, quoted
from xinlian.connectors.json_input import pointer

_WORDS: Final = {
    "type": "it is of another type",
    "enum": "it is none of the words of the standard",
    "const": "it is not the word that is expected here",
    "pattern": "it is not written as the standard says",
    "anyOf": "it is none of the words of the standard, nor a URI",
    "minItems": "it has too few items",
    "maxItems": "it has too many items",
    "minLength": "it is empty",
    "maxLength": "it is too long",
    "minProperties": "it is empty",
    "minimum": "it is too small",
    "maximum": "it is too large",
}


def validate(value: object, schema_name: str) -> None:
    """Refuse a JSON value that breaks a schema of this package.

    Raises:
        SchemaInvalid: at the first thing that is wrong.
    """
    error = next(_validator(schema_name).iter_errors(value), None)
    if error is not None:
        raise _refusal(error)


@functools.cache
def _validator(schema_name: str) -> Draft202012Validator:
    text = resources.files("xinlian.connectors").joinpath("schemas", schema_name)
    schema = json.loads(text.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _refusal(error: ValidationError) -> SchemaInvalid:
    at = list(error.absolute_path)
    if error.validator == "required" and isinstance(error.instance, Mapping):
        missing = [name for name in error.validator_value if name not in error.instance]
        return SchemaInvalid(pointer(*at, missing[0]), "it must be there")
    if error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        return SchemaInvalid(
            pointer(*at, _unknown(error)), "no such field; fields of your own need a namespace"
        )
    if error.validator == "anyOf" and (names := _alternatives(error)):
        return SchemaInvalid(pointer(*at), f"it needs one of {', '.join(names)}")
    what = _WORDS.get(str(error.validator), f"it breaks {error.validator}")
    if isinstance(error.instance, str):
        what = f"{quoted(error.instance)}: {what}"
    return SchemaInvalid(pointer(*at), what)


def _alternatives(error: ValidationError) -> list[str]:
    """Return the fields of which an object needs one, nothing where it is about something else."""
    parts: list[Mapping[str, list[str]]] = error.validator_value
    return sorted({name for part in parts for name in part.get("required", ()) if name != "action"})


def _unknown(error: ValidationError) -> str:
    """Return the first field that an object may not have."""
    schema: Mapping[str, Mapping[str, object]] = error.schema
    patterns = [re.compile(pattern) for pattern in schema.get("patternProperties", {})]
    names = [str(name) for name in error.instance if name not in schema.get("properties", {})]
    return next(name for name in names if not any(pattern.search(name) for pattern in patterns))
