"""The kinds of objects that rights are given on."""

import enum


class Kind(enum.StrEnum):
    """What rights are given on."""

    PARTY = "party"
    KEY = "key"
    MANDATE = "mandate"
    PROPOSAL = "proposal"
    CLOCK = "clock"
    TRANSACTION = "transaction"
    ACCOUNT = "account"
    TRANSFER = "transfer"
    RESERVATION = "reservation"
    BANK_ACCOUNT = "bank_account"
    BANK_ENTRY = "bank_entry"
    BANK_STATEMENT = "bank_statement"
    PENDING = "pending"
    PERIOD = "period"
    DOCUMENT = "document"
    FACT = "fact"
    VERDICT = "verdict"
    INVOICE = "invoice"
    CERTIFICATE = "certificate"
    LEAF = "leaf"
    ENCUMBRANCE = "encumbrance"
    OFFER = "offer"
    PAYMENT_ORDER = "payment_order"
    OBLIGATION = "obligation"
    LATE_INTEREST = "late_interest"
    ISSUE_LINE = "issue_line"
