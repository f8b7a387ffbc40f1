"""Parties, banks and accounts of ISO 20022 messages."""

from typing import Final

from xinlian.connectors.errors import MissingElement
from xinlian.connectors.identifiers import uscc_of
from xinlian.connectors.xml_input import XmlNode
from xinlian.modules.evidence.statements import TradeParty

_BANK_CODES: Final = (
    ("bic", ("BICFI",)),
    ("bic", ("BIC",)),
    ("clearing", ("ClrSysMmbId", "MmbId")),
    ("bank", ("Othr", "Id")),
)
_ORGANISATION_CODES: Final = (("bic", "AnyBIC"), ("bic", "BICOrBEI"), ("lei", "LEI"))


def party_of(node: XmlNode) -> TradeParty:
    """Return a party; since version .08 it may stand one level deeper.

    Raises:
        WrongCheckDigit: it has a wrong unified social credit code.
    """
    party = node.optional("Pty") or node
    uscc, others = None, []
    organisation = party.optional("Id", "OrgId")
    if organisation is not None:
        for other in organisation.all("Othr"):
            identifier = other.required("Id")
            scheme = other.optional_text("SchmeNm", "Cd") or other.optional_text("SchmeNm", "Prtry")
            code = uscc_of(identifier.text(), scheme, identifier.path)
            uscc = uscc or code
            if code is None:
                others.append(f"{scheme or 'party'}:{identifier.text()}")
        for scheme, name in _ORGANISATION_CODES:
            value = organisation.optional_text(name)
            if value:
                others.append(f"{scheme}:{value}")
    return TradeParty(party.optional_text("Nm"), uscc, others[0] if others else None)


def institution_of(node: XmlNode) -> TradeParty:
    """Return a bank; raises WrongCheckDigit."""
    institution = node.required("FinInstnId")
    uscc, others = None, []
    for scheme, names in _BANK_CODES:
        found = institution.optional(*names)
        value = found and found.text()
        if found and value:
            code = uscc_of(value, institution.optional_text("Othr", "SchmeNm", "Prtry"), found.path)
            uscc = uscc or code
            if code is None:
                others.append(f"{scheme}:{value}")
    return TradeParty(institution.optional_text("Nm"), uscc, others[0] if others else None)


def account_number(account: XmlNode) -> str:
    """Return the IBAN or other number of an account; raises MissingElement."""
    number = optional_account_number(account)
    if number is None:
        raise MissingElement(f"{account.path}/Id")
    return number


def optional_account_number(account: XmlNode | None) -> str | None:
    """Return the IBAN or other number of an account, None if it has none."""
    if account is None:
        return None
    return account.optional_text("Id", "IBAN") or account.optional_text("Id", "Othr", "Id")
