"""The domains of hashing: what is hashed under each."""

from typing import Final

from docs_tools.markdown import code, page, table
from xinlian.crypto.hashing import Domain

_INTRO: Final = """\
Every hash of the ledger is

    sha256(domain byte ‖ for each field: its length in 4 bytes, big-endian ‖ the field)

and the domain byte says what the hash is for. No hash of one use is ever a hash of another, and no
two lists of fields give the same bytes. Numbers are never reused.

`name` is the text in UTF-8 (ASCII where only ASCII is allowed). Integers have the stated number of
bytes, big-endian. *Encoding* is the [canonical encoding](encoding.md). Ids are the first 20 bytes
of their hash; all other hashes have 32."""

_FIELDS: Final = {
    Domain.TRANSACTION_ID: ("the encoded body of a transaction", "transaction id"),
    Domain.TRANSACTION_SIGNATURE: ("transaction id", "what each signer signs"),
    Domain.GENESIS: ("the bytes of the genesis file", "genesis hash"),
    Domain.APP_HASH: (
        (
            "1 (4 bytes) ‖ height (8) ‖ state root ‖ results root ‖ events root ‖ "
            "application version (4)"
        ),
        "application hash of a height",
    ),
    Domain.HEADER: ("the encoded header", "header hash, and the next header's `previous_hash`"),
    Domain.HEADER_SIGNATURE: ("header hash", "what an operator signs"),
    Domain.COUNTERSIGNATURE: ("header hash", "what a member signs that countersigns a head"),
    Domain.MERKLE_LEAF: ("the leaf", "leaf of a Merkle tree (transactions, results, events)"),
    Domain.MERKLE_NODE: ("left ‖ right", "node of a Merkle tree"),
    Domain.MERKLE_EMPTY: ("nothing", "root of an empty Merkle tree"),
    Domain.STATE_KEY: ("the key", "where a key belongs in the state tree"),
    Domain.STATE_ENTRY: ("the key ‖ the value", "what a page of the state tree keeps of an entry"),
    Domain.STATE_PAGE: (
        "the page's entries, 64 bytes each, as one field",
        "page of the state tree",
    ),
    Domain.STATE_NODE: ("the 16 children's hashes, as one field", "inner node of the state tree"),
    Domain.SNAPSHOT_CHUNK: ("the chunk's bytes", "what a snapshot's manifest names a chunk by"),
    Domain.FIELD_LEAF: ("encoded path ‖ salt ‖ encoded value", "one field of a document"),
    Domain.FIELD_NODE: ("left ‖ right", "node of a document's field tree"),
    Domain.FIELD_LIST: (
        "encoded path ‖ salt ‖ encoded length ‖ root of the list's own tree",
        "a list of a document",
    ),
    Domain.FIELD_PAD: ("salt", "padding of a field tree"),
    Domain.DOCUMENT_ROOT: ("schema name ‖ version (4) ‖ root of the field tree", "document root"),
    Domain.PARTY_ID: ("chain id ‖ unified social credit code", "party id of an organisation"),
    Domain.KEY_ID: ("suite name ‖ public key", "key id"),
    Domain.OBJECT_ID: (
        (
            "kind ‖ payer ‖ key ‖ call index (4) ‖ ordinal (4); "
            "of what follows for a subject: "
            "kind ‖ subject ‖ payer ‖ key ‖ height (8) ‖ index of the call or item (4); "
            "key is the idempotency key and valid until in ms (8), as one field of 24 bytes"
        ),
        "id of what a message or due work creates",
    ),
    Domain.ASSET_ID: ("kind ‖ issuer ‖ currency ‖ scale (1)", "asset id"),
    Domain.ACCOUNT_ID: ("owner ‖ asset ‖ number (4)", "account id"),
    Domain.POSSESSION: ("chain id ‖ party ‖ role", "what a new key signs to prove possession"),
    Domain.BANK_ACCOUNT: ("bank ‖ account number", "commitment to an account at a bank"),
    Domain.BANK_ENTRY: (
        "bank ‖ bank account commitment ‖ the servicer's reference (AcctSvcrRef)",
        "identity of a bank entry",
    ),
}


def hashing_page() -> str:
    """Return the table of domains; every domain must be described here."""
    rows = [(code(f"0x{domain:02x}"), code(domain.name), *_FIELDS[domain]) for domain in Domain]
    return page("Hashing", _INTRO, table(("byte", "domain", "fields", "gives"), rows))
