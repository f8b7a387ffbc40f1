"""Names in EPCIS JSON: prefixes, compact URIs, and the words of the standard vocabularies.

Source: GS1 EPCIS 2.0 and CBV 2.0; JSON-LD 1.1 for prefixes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from xinlian.connectors.errors import SchemaInvalid, quoted

CBV: Final = "https://ref.gs1.org/cbv/"
GS1_VOCABULARY: Final = "https://gs1.org/voc/"
STANDARD_PREFIXES: Final = {
    "epcis": "https://ref.gs1.org/epcis/",
    "cbv": CBV,
    "cbvmda": "urn:epcglobal:cbv:mda:",
    "gs1": GS1_VOCABULARY,
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
}
VOCABULARIES: Final = {
    "bizStep": f"{CBV}BizStep-",
    "disposition": f"{CBV}Disp-",
    "set": f"{CBV}Disp-",
    "unset": f"{CBV}Disp-",
    "bizTransactionList": f"{CBV}BTT-",
    "sourceList": f"{CBV}SDT-",
    "destinationList": f"{CBV}SDT-",
    "component": f"{CBV}Comp-",
    "sensorReport": GS1_VOCABULARY,
    "exception": GS1_VOCABULARY,
}
"""Where a bare word of a field comes from."""


@dataclass(frozen=True, slots=True)
class Names:
    """The prefixes that a document and an event declare."""

    prefixes: Mapping[str, str]

    def within(self, context: object) -> "Names":
        """Return the names with the prefixes that a further context declares."""
        parts = context if isinstance(context, list) else [context]
        prefixes = dict(self.prefixes)
        for part in parts:
            if isinstance(part, dict):
                prefixes.update((name, uri) for name, uri in part.items() if isinstance(uri, str))
        return Names(prefixes)

    def word(self, field: str, value: str) -> str:
        """Return the URI of a field's word, compact URI or URI."""
        return self.uri(value) if ":" in value else f"{VOCABULARIES[field]}{value}"

    def short_word(self, field: str, value: str) -> str:
        """Return a standard word bare, anything else as its URI."""
        return self.word(field, value).removeprefix(VOCABULARIES[field])

    def uri(self, value: str) -> str:
        """Return a URI with a declared prefix written out."""
        prefix, colon, rest = value.partition(":")
        expansion = self.prefixes.get(prefix)
        if not colon or expansion is None or rest.startswith("//"):
            return value
        return f"{expansion}{rest}"

    def field(self, name: str, where: str) -> str:
        """Return ``{namespace}local`` of a field outside the standard, or its bare name.

        Raises:
            SchemaInvalid: its prefix is not declared.
        """
        prefix, colon, local = name.partition(":")
        if not colon:
            return name
        if local.startswith("//") or prefix in ("urn", "http", "https"):
            cut = max(name.rfind("/"), name.rfind("#"), name.rfind(":")) + 1
            return f"{{{name[:cut]}}}{name[cut:]}"
        if prefix not in self.prefixes:
            raise SchemaInvalid(where, f"no context declares the prefix {quoted(prefix)}")
        return f"{{{self.prefixes[prefix]}}}{local}"


STANDARD_NAMES: Final = Names(STANDARD_PREFIXES)
