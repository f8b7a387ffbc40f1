"""Derives ``docs/reference/receipt-vectors.json`` without the project, beside ``derive.py``.

Run ``python -m golden.derive_receipts`` in ``tests`` to write the file again; a test holds it
against this derivation, and the verifier against both.
"""

import json
import struct
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from golden.derive import (
    Raw,
    pack,
    path,
    state_entries,
    state_proof,
    state_root,
    tagged,
    tree_hash,
)

FILE = Path(__file__).parents[2] / "docs" / "reference" / "receipt-vectors.json"
CHAIN = "vectors"
TIME_MS = 1_796_000_000_000
DAY_MS = 86_400_000
ENTRIES = state_entries(200)
PAYER = bytes(range(20))
IDEMPOTENCY_KEY = bytes(range(100, 116))
EMBEDDED = ("embedded", "sha256")


class Party(NamedTuple):
    """An organisation of the vectors and the seed of its one key."""

    code: str
    name: str
    kind: str
    seed: bytes


OPERATOR_SEED = bytes([1]) * 32
PARTIES = (
    Party("91990000MA00000014", "甲银行", "member", bytes([2]) * 32),
    Party("91990000MA00000022", "乙企业", "member", bytes([3]) * 32),
)
STRANGER_SEED = bytes([4]) * 32


def public_key(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def genesis() -> bytes:
    """A genesis file with an operator and two members."""
    parties = [
        {
            "kind": party.kind,
            "uscc": party.code,
            "name": party.name,
            "keys": [
                {
                    "role": "finance-1",
                    "suite": "ed25519",
                    "public_key": public_key(party.seed).hex(),
                },
            ],
            "mandates": [],
        }
        for party in PARTIES
    ]
    chain = {
        "format": "xinlian-genesis-1",
        "chain_id": CHAIN,
        "clock": "live",
        "genesis_time_ms": TIME_MS,
        "app_version": 1,
        "operators": [{"suite": "ed25519", "public_key": public_key(OPERATOR_SEED).hex()}],
        "sections": {"members": {"parties": parties}},
    }
    return json.dumps(chain).encode()


def body(valid_until_ms: int) -> bytes:
    """The body of a transaction with one call."""
    call = (PAYER, pack((0x0401, PAYER, bytes(20), 12_345_67)))
    return pack((1, CHAIN, PAYER, IDEMPOTENCY_KEY, valid_until_ms, (bytes(20),), (call,)))


def transaction(valid_until_ms: int) -> bytes:
    return pack((body(valid_until_ms), (bytes(64),)))


RAW = transaction(TIME_MS + 600_000)
APPLIED = pack((tagged(0x01, body(TIME_MS + 600_000)), "", 0, -1, 1, True))
REFUSED = pack((tagged(0x01, body(TIME_MS + 600_000)), "accounts", 3, 0, 1, True))
EVENTS = (pack((Raw(pack(())),)), pack((((0, Raw(pack((0x0402, 7)))),),)))


class Link(NamedTuple):
    """A header of the chain of the vectors."""

    height: int
    encoded: bytes

    @property
    def hash(self) -> bytes:
        return tagged(0x05, self.encoded)

    def signed(self) -> Raw:
        key = public_key(OPERATOR_SEED)
        signature = sign(OPERATOR_SEED, tagged(0x06, self.hash))
        return Raw(pack((Raw(self.encoded), ((key, signature),))))

    def attested(
        self,
        later: "tuple[Link, ...]" = (),
        countersigned: "tuple[tuple[Link, bytes], ...]" = (),
    ) -> Raw:
        """The header with later ones, and who countersigned which of them."""
        key = public_key(OPERATOR_SEED)
        signature = sign(OPERATOR_SEED, tagged(0x06, self.hash))
        entries = sorted(
            (link.height, public_key(seed), sign(seed, tagged(0x07, link.hash)))
            for link, seed in countersigned
        )
        parts = (
            Raw(self.encoded),
            ((key, signature),),
            tuple(link.encoded for link in later),
            tuple(entries),
            (),
        )
        return Raw(pack(parts))


def link(
    height: int,
    previous_hash: bytes,
    *,
    result: bytes = APPLIED,
    time_ms: int = 0,
    app_hash: bytes = b"",
) -> Link:
    """A header over the one transaction and the 200 entries."""
    roots = (state_root(ENTRIES), tree_hash([result]), tree_hash(list(EVENTS)))
    one, at = struct.pack(">I", 1), struct.pack(">Q", height)
    fields = (
        1,
        CHAIN,
        height,
        time_ms or TIME_MS + height,
        False,
        previous_hash,
        tree_hash([RAW]),
        1,
        *roots,
        1,
        app_hash or tagged(0x04, one, at, *roots, one),
    )
    return Link(height, pack(fields))


FIRST = link(1, tagged(0x03, genesis()))
SECOND = link(2, FIRST.hash)
THIRD = link(3, SECOND.hash)


def receipt(
    transaction_part: Any, state_part: Any = None, name: str = "xinlian-receipt-2"
) -> bytes:
    return pack((name, *EMBEDDED, transaction_part, state_part))


def ordered(header: Raw, result: bytes = APPLIED) -> Raw:
    """A transaction part."""
    leaves = list(EVENTS)
    return Raw(pack((header, RAW, 0, (), result, (), EVENTS[1], tuple(path(1, leaves)))))


def state(header: Raw) -> Raw:
    """A state part: one entry that is there and one that is not."""
    present, absent = next(iter(ENTRIES)), b"\x00\x10\x01" + b"\xff" * 20
    rows = (
        (present, ENTRIES[present], state_proof(ENTRIES, present)),
        (absent, None, state_proof(ENTRIES, absent)),
    )
    return Raw(pack((header, rows)))


def expiry(after_ms: int) -> bytes:
    """Proof that the transaction has expired, at a time after its ``valid_until``."""
    at = link(2, FIRST.hash, time_ms=TIME_MS + 600_000 + after_ms)
    proof = state_proof(ENTRIES, b"\x00\x00\x01" + PAYER + IDEMPOTENCY_KEY)
    return receipt(Raw(pack((at.attested(), RAW, proof))))


def checkpoint(header: Raw, parties: tuple[Party, ...] = PARTIES) -> bytes:
    rows = tuple(
        (party.code, party.name, party.kind, (public_key(party.seed),)) for party in parties
    )
    return pack(
        (
            "xinlian-checkpoint-1",
            *EMBEDDED,
            tagged(0x03, genesis()),
            "live",
            (public_key(OPERATOR_SEED),),
            rows,
            header,
        ),
    )


def equivocation(one: Link, other: Link) -> bytes:
    return pack(("xinlian-equivocation-1", *EMBEDDED, one.signed(), other.signed()))


def valid() -> dict[str, tuple[bytes, dict[str, Any]]]:
    """Files that verify against the genesis file, with what they prove."""
    bank, firm = PARTIES
    transaction_id = tagged(0x01, body(TIME_MS + 600_000)).hex()
    applied = {"heights": [1], "transaction_id": transaction_id, "code": 0}
    refused = link(1, tagged(0x03, genesis()), result=REFUSED)
    later = FIRST.attested((SECOND, THIRD), ((SECOND, bank.seed), (THIRD, firm.seed)))
    keys = {"present": [next(iter(ENTRIES)).hex()], "absent": ["001001" + "ff" * 20]}
    other_second = link(2, FIRST.hash, time_ms=TIME_MS + 7)
    other_third = link(3, other_second.hash)
    return {
        "transaction, format 1": (
            receipt(ordered(FIRST.signed()), name="xinlian-receipt-1"),
            applied,
        ),
        "transaction": (receipt(ordered(FIRST.attested())), applied),
        "transaction that was refused": (
            receipt(ordered(refused.attested(), REFUSED)),
            {"heights": [1], "transaction_id": transaction_id, "code": 3},
        ),
        "transaction, countersigned": (
            receipt(ordered(FIRST.attested((), ((FIRST, bank.seed),)))),
            applied | {"countersigners": [bank.code]},
        ),
        "transaction, later heads countersigned": (
            receipt(ordered(later)),
            applied | {"countersigners": [bank.code, firm.code]},
        ),
        "transaction, countersigned by a key that the genesis file does not name": (
            receipt(ordered(FIRST.attested((), ((FIRST, STRANGER_SEED),)))),
            applied | {"countersigners": []},
        ),
        "state": (receipt(None, state(SECOND.attested())), {"heights": [2]} | keys),
        "transaction and state, of which one party countersigned both": (
            receipt(ordered(later), state(THIRD.attested((), ((THIRD, firm.seed),)))),
            applied | keys | {"heights": [1, 3], "countersigners": [firm.code]},
        ),
        "expiry, first moment": (expiry(1), {"heights": [2], "expired": transaction_id}),
        "expiry, last moment": (expiry(DAY_MS), {"heights": [2], "expired": transaction_id}),
        "checkpoint": (
            checkpoint(THIRD.attested((), ((THIRD, bank.seed), (THIRD, firm.seed)))),
            {"heights": [3], "countersigners": [bank.code, firm.code]},
        ),
        "equivocation, two headers of one height": (
            equivocation(SECOND, other_second),
            {"heights": [2, 2]},
        ),
        "equivocation, a header that does not follow": (
            equivocation(SECOND, other_third),
            {"heights": [2, 3]},
        ),
    }


def invalid() -> dict[str, tuple[str, bytes]]:
    """Files that are well formed and prove nothing, with the step that refuses them."""
    bank, _ = PARTIES
    wrong_app = link(1, tagged(0x03, genesis()), app_hash=bytes(32))
    renamed = (bank._replace(name="丙银行"), PARTIES[1])
    by_operator = FIRST.attested((), ((FIRST, OPERATOR_SEED),))
    return {
        "expiry, a moment too early": ("expiry", expiry(0)),
        "expiry, a moment too late": ("expiry", expiry(DAY_MS + 1)),
        "a wrong application hash, signed": (
            "application hash",
            receipt(ordered(wrong_app.attested())),
        ),
        "later headers that nobody countersigned": (
            "later header",
            receipt(ordered(FIRST.attested((SECOND,)))),
        ),
        "a later header left out": (
            "later header",
            receipt(ordered(FIRST.attested((THIRD,), ((THIRD, bank.seed),)))),
        ),
        "a countersignature of a height that is not shown": (
            "countersignature",
            receipt(ordered(FIRST.attested((), ((SECOND, bank.seed),)))),
        ),
        "a countersignature by the operator's key": (
            "countersignature",
            receipt(ordered(by_operator)),
        ),
        "headers without signatures": (
            "header signature",
            receipt(ordered(Raw(pack((Raw(FIRST.encoded), (), (), (), ()))))),
        ),
        "a checkpoint that renames a party": ("checkpoint", checkpoint(THIRD.attested(), renamed)),
        "two headers that follow each other": ("equivocation", equivocation(SECOND, THIRD)),
        "one header twice": ("equivocation", equivocation(SECOND, SECOND)),
        "a file of another format": (
            "format",
            receipt(ordered(FIRST.attested()), name="xinlian-receipt-9"),
        ),
        "a file of another engine": (
            "format",
            pack(("xinlian-receipt-2", "abacus", "sha256", ordered(FIRST.attested()), None)),
        ),
        "a file of another hash suite": (
            "format",
            pack(("xinlian-receipt-2", "embedded", "md5", ordered(FIRST.attested()), None)),
        ),
        "a file that proves nothing": ("format", receipt(None)),
    }


def changed() -> list[dict[str, Any]]:
    """One byte of a valid file changed: where, and the step that refuses it."""
    files = {name: data for name, (data, _) in valid().items()}
    bank, _ = PARTIES
    many = "transaction, later heads countersigned"
    parts: tuple[tuple[str, bytes, str], ...] = (
        (many, b"xinlian-receipt-2", "format"),
        (many, b"embedded", "format"),
        (many, b"sha256", "format"),
        (many, FIRST.encoded, "header signature"),
        (many, sign(OPERATOR_SEED, tagged(0x06, FIRST.hash)), "header signature"),
        (many, SECOND.encoded, "later header"),
        (many, THIRD.encoded, "countersignature"),
        (many, sign(bank.seed, tagged(0x07, SECOND.hash)), "countersignature"),
        (many, public_key(bank.seed), "countersignature"),
        (many, RAW, "transaction"),
        (many, APPLIED, "result"),
        (many, EVENTS[1], "events"),
        (many, path(1, list(EVENTS))[0], "events"),
        ("state", ENTRIES[next(iter(ENTRIES))], "state proof"),
        ("state", state_proof(ENTRIES, next(iter(ENTRIES))), "state proof"),
        ("expiry, first moment", IDEMPOTENCY_KEY, "expiry"),
        ("checkpoint", bank.name.encode(), "checkpoint"),
        ("equivocation, two headers of one height", SECOND.encoded, "header signature"),
    )
    return [
        {"of": name, "at": files[name].rindex(part) + len(part) - 1, "step": step}
        for name, part, step in parts
    ]


def vectors() -> dict[str, Any]:
    """Everything that the file holds."""
    return {
        "comment": "Derived by tests/golden/derive_receipts.py from the description of the "
        "formats, not by the project. Files are hexadecimal; a change adds 1 to the byte at a "
        "place, modulo 256.",
        "genesis": genesis().hex(),
        "valid": [
            {"name": name, "proves": proves, "file": data.hex()}
            for name, (data, proves) in valid().items()
        ],
        "invalid": [
            {"name": name, "step": step, "file": data.hex()}
            for name, (step, data) in invalid().items()
        ],
        "changed": changed(),
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), ensure_ascii=False, indent=1) + "\n", "utf-8")
