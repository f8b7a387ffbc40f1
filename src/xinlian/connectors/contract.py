"""Sales contracts in this project's own form, as JSON: no standard covers what is asked of them.

Rules this file keeps:
 1. The form is closed (``schemas/contract-1.json``): an unknown field is refused, not overlooked.
 2. Both sides have a unified social credit code with its check character, and they differ.
"""

from typing import Final

from xinlian.connectors.errors import SchemaInvalid
from xinlian.connectors.identifiers import checked_uscc
from xinlian.connectors.json_input import JsonObject
from xinlian.connectors.json_schema import validate
from xinlian.connectors.values import amount_minor, day_of
from xinlian.modules.evidence.statements import ContractStatement, TradeParty

CONTRACT_FORMAT: Final = "xinlian-contract-1"
CONTRACT_SCHEMA: Final = "contract-1.json"


def read_contract(document: JsonObject, source_hash: str) -> ContractStatement:
    """Return what a contract states.

    Raises:
        SchemaInvalid: with the JSON pointer of what breaks the form.
        WrongCheckDigit, AmountInvalid, DateInvalid: a value is not possible.
    """
    validate(document, CONTRACT_SCHEMA)
    buyer, seller = _party(document, "buyer"), _party(document, "seller")
    if buyer.uscc == seller.uscc:
        raise SchemaInvalid("/seller/uscc", "buyer and seller are one")
    currency = _text(document, "currency")
    return ContractStatement(
        source_format=CONTRACT_FORMAT,
        source_hash=source_hash,
        number=_text(document, "number"),
        signed_day=day_of(_text(document, "signed_date"), "/signed_date"),
        buyer=buyer,
        seller=seller,
        currency=currency,
        amount_minor=amount_minor(_text(document, "amount"), currency, "/amount"),
        payment_term_days=int(_text(document, "payment_term_days")),
        accepts_certificates=document["accepts_certificates"] is True,
        subject_matter=_text(document, "subject_matter"),
    )


def _text(document: JsonObject, name: str) -> str:
    return str(document[name]).strip()


def _party(document: JsonObject, name: str) -> TradeParty:
    party = document[name]
    fields: JsonObject = party if isinstance(party, dict) else {}
    uscc = checked_uscc(_text(fields, "uscc"), f"/{name}/uscc")
    return TradeParty(_text(fields, "name"), uscc, None)
