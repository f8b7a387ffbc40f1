"""Parties of UBL documents."""

from collections.abc import Iterator
from typing import NamedTuple

from xinlian.connectors.errors import MissingElement, SchemaInvalid
from xinlian.connectors.identifiers import uscc_of
from xinlian.connectors.xml_input import XmlNode
from xinlian.modules.evidence.statements import TradeParty


class _Identifier(NamedTuple):
    value: str
    scheme: str | None
    fallback: str
    """What to call the scheme where the document names none."""
    where: str


def party_in(document: XmlNode, *roles: str) -> TradeParty:
    """Return the party in the first of the roles that the document fills.

    Raises:
        MissingElement: none is filled, or the party has neither a name nor an identifier.
    """
    for role in roles:
        if document.optional(role) is not None:
            return party_of(document.required(role, "cac:Party"))
    raise MissingElement(f"{document.path}/{roles[0]}")


def party_of(party: XmlNode) -> TradeParty:
    """Return a party as the document names it.

    Raises:
        MissingElement: it has neither a name nor an identifier.
        WrongCheckDigit: it has a wrong unified social credit code.
        SchemaInvalid: it has two.
    """
    codes: dict[str, str] = {}
    others: list[str] = []
    for identifier in _identifiers(party):
        code = uscc_of(identifier.value, identifier.scheme, identifier.where)
        if code is None:
            others.append(f"{identifier.scheme or identifier.fallback}:{identifier.value}")
        else:
            codes[code] = identifier.where
    if len(codes) > 1:
        raise SchemaInvalid(party.path, "one party has two unified social credit codes")
    name = _name(party)
    if name is None and not codes and not others:
        raise MissingElement(f"{party.path}/cac:PartyLegalEntity/cbc:RegistrationName")
    return TradeParty(name, next(iter(codes), None), others[0] if others else None)


def _identifiers(party: XmlNode) -> Iterator[_Identifier]:
    for parent, name, fallback in (
        ("cac:PartyIdentification", "cbc:ID", "party"),
        ("cac:PartyLegalEntity", "cbc:CompanyID", "company"),
        ("cac:PartyTaxScheme", "cbc:CompanyID", "tax"),
    ):
        for node in party.all(parent):
            identifier = node.optional(name)
            value = identifier and identifier.text()
            if identifier and value:
                yield _Identifier(
                    value, identifier.attribute("schemeID"), fallback, identifier.path
                )
    endpoint = party.optional("cbc:EndpointID")
    value = endpoint and endpoint.text()
    if endpoint and value:
        yield _Identifier(value, endpoint.attribute("schemeID"), "endpoint", endpoint.path)


def _name(party: XmlNode) -> str | None:
    """Return the legal name, else the trading name."""
    for parent, name in (
        ("cac:PartyLegalEntity", "cbc:RegistrationName"),
        ("cac:PartyName", "cbc:Name"),
        ("cac:PartyTaxScheme", "cbc:RegistrationName"),
    ):
        for node in party.all(parent):
            text = node.optional_text(name)
            if text:
                return text
    return None
