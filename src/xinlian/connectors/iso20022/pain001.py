"""Payment orders for a bank: pain.001.001.09, one credit transfer a file.

Rules this file keeps:
 1. The output follows from the arguments alone: the same instruction gives the same bytes.
 2. What the message has no room for is refused, never cut.

Source: ISO 20022 CustomerCreditTransferInitiationV09.
"""

import unicodedata
from dataclasses import dataclass
from typing import Final

from lxml import etree
from stdnum import iban

from xinlian.connectors.errors import AmountInvalid, DateInvalid, MissingElement, SchemaInvalid
from xinlian.connectors.values import currency_of, decimal_text
from xinlian.primitives import AMOUNT_MINOR_MAX
from xinlian.primitives.time import MS_PER_DAY, TIME_MS_MAX, iso_of_day, iso_of_ms

PAIN001_NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
ID_CHARS_MAX: Final = 35
ACCOUNT_CHARS_MAX: Final = 34
NAME_CHARS_MAX: Final = 140
_ONE: Final = "1"
_TRANSFER: Final = "TRF"


@dataclass(frozen=True, slots=True)
class PaymentInstruction:
    """One payment that a debtor asks its bank to make.

    Ids have at most 35 characters, accounts 34, names and the remittance text 140.
    """

    message_id: str
    created_at_ms: int
    requested_day: int
    debtor_name: str
    debtor_account: str
    debtor_bank_name: str
    creditor_name: str
    creditor_account: str
    creditor_bank_name: str
    end_to_end_id: str
    amount_minor: int
    currency: str
    remittance_text: str


def write_payment_order(instruction: PaymentInstruction) -> bytes:
    """Return the order as XML in UTF-8.

    Raises:
        MissingElement: a text is empty.
        SchemaInvalid: a text is too long or has characters that XML cannot hold.
        AmountInvalid: the amount is not positive, or its currency is no code.
        DateInvalid: a time is out of range.
    """
    _check(instruction)
    amount = decimal_text(instruction.amount_minor, instruction.currency)
    root = etree.Element(_tag("Document"), nsmap={None: PAIN001_NAMESPACE})
    initiation = _add(root, "CstmrCdtTrfInitn")
    _add_header(initiation, instruction, amount)
    _add_payment(initiation, instruction, amount)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _add_header(parent: etree._Element, instruction: PaymentInstruction, amount: str) -> None:
    header = _add(parent, "GrpHdr")
    _add(header, "MsgId", instruction.message_id)
    _add(header, "CreDtTm", iso_of_ms(instruction.created_at_ms))
    _add(header, "NbOfTxs", _ONE)
    _add(header, "CtrlSum", amount)
    _add(_add(header, "InitgPty"), "Nm", instruction.debtor_name)


def _add_payment(parent: etree._Element, instruction: PaymentInstruction, amount: str) -> None:
    payment = _add(parent, "PmtInf")
    _add(payment, "PmtInfId", instruction.message_id)
    _add(payment, "PmtMtd", _TRANSFER)
    _add(payment, "NbOfTxs", _ONE)
    _add(payment, "CtrlSum", amount)
    _add(_add(payment, "ReqdExctnDt"), "Dt", iso_of_day(instruction.requested_day))
    _add(_add(payment, "Dbtr"), "Nm", instruction.debtor_name)
    _add_account(payment, "DbtrAcct", instruction.debtor_account, instruction.currency)
    _add_bank(payment, "DbtrAgt", instruction.debtor_bank_name)
    transfer = _add(payment, "CdtTrfTxInf")
    _add(_add(transfer, "PmtId"), "EndToEndId", instruction.end_to_end_id)
    instructed = _add(_add(transfer, "Amt"), "InstdAmt", amount)
    instructed.set("Ccy", instruction.currency)
    _add_bank(transfer, "CdtrAgt", instruction.creditor_bank_name)
    _add(_add(transfer, "Cdtr"), "Nm", instruction.creditor_name)
    _add_account(transfer, "CdtrAcct", instruction.creditor_account, None)
    _add(_add(transfer, "RmtInf"), "Ustrd", instruction.remittance_text)


def _add_account(parent: etree._Element, name: str, number: str, currency: str | None) -> None:
    account = _add(parent, name)
    identification = _add(account, "Id")
    if iban.is_valid(number):
        _add(identification, "IBAN", iban.compact(number))
    else:
        _add(_add(identification, "Othr"), "Id", number)
    if currency is not None:
        _add(account, "Ccy", currency)


def _add_bank(parent: etree._Element, name: str, bank_name: str) -> None:
    _add(_add(_add(parent, name), "FinInstnId"), "Nm", bank_name)


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, _tag(name))
    child.text = text
    return child


def _tag(name: str) -> str:
    return f"{{{PAIN001_NAMESPACE}}}{name}"


def _check(instruction: PaymentInstruction) -> None:
    currency_of(instruction.currency, "currency")
    if not 0 < instruction.amount_minor <= AMOUNT_MINOR_MAX:
        raise AmountInvalid("amount_minor", "a payment has a positive amount")
    if not 0 <= instruction.created_at_ms <= TIME_MS_MAX:
        raise DateInvalid("created_at_ms", str(instruction.created_at_ms))
    if not 0 <= instruction.requested_day <= TIME_MS_MAX // MS_PER_DAY:
        raise DateInvalid("requested_day", str(instruction.requested_day))
    for names, chars_max in (
        (("message_id", "end_to_end_id"), ID_CHARS_MAX),
        (("debtor_account", "creditor_account"), ACCOUNT_CHARS_MAX),
        (("debtor_name", "debtor_bank_name", "creditor_name"), NAME_CHARS_MAX),
        (("creditor_bank_name", "remittance_text"), NAME_CHARS_MAX),
    ):
        for name in names:
            _check_text(name, getattr(instruction, name), chars_max)


def _check_text(name: str, text: str, chars_max: int) -> None:
    if not text.strip():
        raise MissingElement(name, "it is empty")
    if len(text) > chars_max:
        raise SchemaInvalid(name, f"it has {len(text)} characters; {chars_max} are allowed")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Cn") for character in text):
        raise SchemaInvalid(name, "it has a control character")
