"""Derives the vectors of ``ledger.json`` without the project: hashlib, struct, base64 and one key.

It is a second implementation of the formats, short enough to be read beside their description.  Run
``python tests/golden/derive.py`` to write the file again; a test holds the file, this derivation
and the project's own code against each other.
"""

import base64
import hashlib
import json
import struct
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FILE = Path(__file__).with_name("ledger.json")
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
PUBLIC_KEY = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
"""RFC 8032 section 7.1 test 1."""
CHAIN = "test-golden"
USCC = "91990000MA00000014"
TIME_MS = 1_796_000_000_000
ENTRIES = 200


def pack(value: Any) -> bytes:
    """MessagePack as far as the vectors need it: shortest headers."""
    if value is None or isinstance(value, bool):
        return {None: b"\xc0", False: b"\xc2", True: b"\xc3"}[value]
    if isinstance(value, int):
        return pack_integer(value)
    if isinstance(value, str):
        raw = value.encode()
        head = bytes((0xA0 | len(raw),)) if len(raw) < 32 else b"\xd9" + bytes((len(raw),))
        return head + raw
    if isinstance(value, bytes):
        is_short = len(value) < 256
        return (
            (b"\xc4" if is_short else b"\xc5")
            + struct.pack(
                ">B" if is_short else ">H",
                len(value),
            )
            + value
        )
    head = (
        bytes((0x90 | len(value),)) if len(value) < 16 else b"\xdc" + struct.pack(">H", len(value))
    )
    return head + b"".join(part.content if isinstance(part, Raw) else pack(part) for part in value)


def pack_integer(value: int) -> bytes:
    """The shortest integer; the one negative number of the vectors is -1."""
    for limit, tag, form in (
        (128, b"", ">B"),
        (1 << 8, b"\xcc", ">B"),
        (1 << 16, b"\xcd", ">H"),
        (1 << 32, b"\xce", ">I"),
        (1 << 64, b"\xcf", ">Q"),
    ):
        if 0 <= value < limit:
            return tag + struct.pack(form, value)
    return struct.pack(">b", value)


class Raw:
    """Bytes that are an encoding already."""

    def __init__(self, content: bytes) -> None:
        self.content = content


def tagged(domain: int, *fields: bytes) -> bytes:
    """SHA-256 of the domain byte and the length-prefixed fields."""
    data = bytes((domain,)) + b"".join(struct.pack(">I", len(field)) + field for field in fields)
    return hashlib.sha256(data).digest()


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962 section 2.1 with this ledger's domains."""
    if len(leaves) < 2:
        return tagged(0x10, leaves[0]) if leaves else tagged(0x12)
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return tagged(0x11, tree_hash(leaves[:split]), tree_hash(leaves[split:]))


def path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1."""
    if len(leaves) == 1:
        return []
    split = 1 << (len(leaves) - 1).bit_length() - 1
    if index < split:
        return [*path(index, leaves[:split]), tree_hash(leaves[split:])]
    return [*path(index - split, leaves[split:]), tree_hash(leaves[:split])]


def state_entries(count: int) -> dict[bytes, bytes]:
    """Fixed entries of a state: key → value."""
    return {
        b"\x00\x10\x01" + number.to_bytes(20, "big"): b"value %d" % number
        for number in range(count)
    }


def state_root(entries: dict[bytes, bytes]) -> bytes:
    """The root of the state tree, by its recursive definition."""
    hashed = sorted((tagged(0x20, key), tagged(0x21, key, value)) for key, value in entries.items())
    return subtree_root(hashed, 0)


def subtree_root(hashed: list[tuple[bytes, bytes]], depth: int) -> bytes:
    """A page of at most 64 entries, or the 16 children by the next nibble of the key hash."""
    if len(hashed) <= 64:
        return tagged(0x22, b"".join(key + entry for key, entry in hashed))
    groups: list[list[tuple[bytes, bytes]]] = [[] for _ in range(16)]
    for key, entry in hashed:
        groups[int(key.hex()[depth], 16)].append((key, entry))
    return tagged(
        0x23,
        b"".join(subtree_root(group, depth + 1) if group else bytes(32) for group in groups),
    )


def state_proof(entries: dict[bytes, bytes], key: bytes) -> bytes:
    """Inner nodes from the root down, then the page where the key is or would be, or nil."""
    hashed = sorted((tagged(0x20, k), tagged(0x21, k, value)) for k, value in entries.items())
    place = tagged(0x20, key).hex()
    nodes: list[bytes] = []
    while len(hashed) > 64:
        depth = len(nodes)
        children = [
            [(k, entry) for k, entry in hashed if int(k.hex()[depth], 16) == child]
            for child in range(16)
        ]
        roots = [subtree_root(child, depth + 1) if child else bytes(32) for child in children]
        nodes.append(b"".join(roots))
        hashed = children[int(place[depth], 16)]
    return pack((tuple(nodes), b"".join(k + entry for k, entry in hashed) if hashed else None))


def sign(message: bytes) -> bytes:
    """A signature of the fixed key."""
    return Ed25519PrivateKey.from_private_bytes(SEED).sign(message)


def ids() -> dict[str, bytes]:
    """Ids of every kind that is derived."""
    party = tagged(0x40, CHAIN.encode(), USCC.encode())[:20]
    asset = tagged(0x43, b"deposit", party, b"CNY", b"\x02")[:20]
    lasting_key = bytes(range(16)) + (TIME_MS + 600_000).to_bytes(8, "big")
    call, ordinal = bytes(4), b"\x00\x00\x00\x02"
    return {
        "party": party,
        "key": tagged(0x41, b"ed25519", PUBLIC_KEY)[:20],
        "asset": asset,
        "account": tagged(0x44, party, asset, b"\x00\x00\x00\x01")[:20],
        "cert": tagged(0x42, b"cert", party, lasting_key, call, ordinal)[:20],
        "possession": tagged(0x45, CHAIN.encode(), party, b"finance-1"),
        "bank_account": tagged(0x46, party, b"99-0001"),
        "bank_entry": tagged(0x47, party, bytes(32), b"REF-1"),
        "bank_entry_id": tagged(0x47, party, tagged(0x47, party, bytes(32), b"REF-1")),
    }


def transaction() -> dict[str, bytes]:
    """A transaction of one transfer, signed by the fixed key."""
    known = ids()
    message = pack((0x0401, known["account"], bytes(20), 12_345_67))
    body = pack(
        (
            1,
            CHAIN,
            known["party"],
            bytes(range(16)),
            TIME_MS + 600_000,
            (known["key"],),
            ((known["party"], message),),
        ),
    )
    transaction_id = tagged(0x01, body)
    signed = tagged(0x02, transaction_id)
    signature = sign(signed)
    return {
        "message": message,
        "body": body,
        "transaction_id": transaction_id,
        "signing_bytes": signed,
        "signature": signature,
        "transaction": pack((body, (signature,))),
    }


def genesis() -> bytes:
    """A genesis file with nothing in it but the operator."""
    return json.dumps(
        {
            "format": "xinlian-genesis-1",
            "chain_id": CHAIN,
            "clock": "simulated",
            "genesis_time_ms": TIME_MS,
            "app_version": 1,
            "operators": [{"suite": "ed25519", "public_key": PUBLIC_KEY.hex()}],
            "sections": {},
        },
    ).encode()


def header(
    raw: bytes,
    result: bytes,
    events: list[bytes],
    height: int = 1,
    time_ms: int = TIME_MS + 1,
) -> dict[str, bytes]:
    """The header of a height with one transaction, and what is signed of it."""
    roots = (state_root(state_entries(ENTRIES)), tree_hash([result]), tree_hash(events))
    app_hash = tagged(
        0x04,
        struct.pack(">I", 1),
        struct.pack(">Q", height),
        *roots,
        struct.pack(">I", 1),
    )
    encoded = pack(
        (
            1,
            CHAIN,
            height,
            time_ms,
            True,
            tagged(0x03, genesis()),
            tree_hash([raw]),
            1,
            *roots,
            1,
            app_hash,
        ),
    )
    hashed = tagged(0x05, encoded)
    signed = tagged(0x06, hashed)
    return {
        "app_hash": app_hash,
        "header": encoded,
        "header_hash": hashed,
        "header_signing_bytes": signed,
        "header_signature": sign(signed),
    }


def receipt(parts: dict[str, bytes], result: bytes, events: list[bytes]) -> bytes:
    """A receipt file of the transaction, without state entries."""
    signed_header = pack(
        (Raw(parts["header"]), ((PUBLIC_KEY, parts["header_signature"]),)),
    )
    transaction_part = (
        Raw(signed_header),
        parts["transaction"],
        0,
        (),
        result,
        (),
        events[1],
        tuple(path(1, events)),
    )
    return pack(("xinlian-receipt-1", "embedded", "sha256", Raw(pack(transaction_part)), None))


def expiry(parts: dict[str, bytes], result: bytes, events: list[bytes], time_ms: int) -> bytes:
    """A receipt file that the transaction has expired, at a height where its marker is absent."""
    at = header(parts["transaction"], result, events, 2, time_ms)
    signed_header = pack((Raw(at["header"]), ((PUBLIC_KEY, at["header_signature"]),)))
    marker = b"\x00\x00\x01" + ids()["party"] + bytes(range(16))
    proof = state_proof(state_entries(ENTRIES), marker)
    part = pack((Raw(signed_header), parts["transaction"], proof))
    return pack(("xinlian-receipt-1", "embedded", "sha256", Raw(part), None))


def vectors() -> dict[str, Any]:
    """Everything that ``ledger.json`` holds."""
    parts = transaction()
    result = pack((parts["transaction_id"], "", 0, -1, 1, True))
    events = [pack((Raw(pack(())),)), pack((Raw(pack((Raw(pack((0, Raw(pack((0x0402, 7)))))),))),))]
    parts |= header(parts["transaction"], result, events)
    leaves = [b"leaf %d" % number for number in range(7)]
    return {
        "comment": "Derived by derive.py from the description of the formats, not by the project; "
        "every value is hexadecimal unless it is a list of the merkle section.",
        "seed": SEED.hex(),
        "ids": {name: value.hex() for name, value in ids().items()},
        "party_text": "party_" + base64.b32encode(ids()["party"]).decode().lower(),
        "genesis": genesis().hex(),
        "genesis_hash": tagged(0x03, genesis()).hex(),
        "parts": {name: value.hex() for name, value in parts.items()},
        "result": result.hex(),
        "events": [leaf.hex() for leaf in events],
        "merkle": {
            "roots": [tree_hash(leaves[:count]).hex() for count in range(8)],
            "path_of_leaf_4_of_7": [sibling.hex() for sibling in path(4, leaves)],
        },
        "state_roots": {
            str(count): state_root(state_entries(count)).hex()
            for count in (0, 1, 64, 65, 200, 3_000)
        },
        "receipt": receipt(parts, result, events).hex(),
        "expiry_receipts": {
            name: expiry(parts, result, events, TIME_MS + 600_000 + after_ms).hex()
            for name, after_ms in (
                ("at_valid_until", 0),
                ("first", 1),
                ("last", 86_400_000),
                ("too_late", 86_400_001),
            )
        },
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n", "utf-8")
