"""Encodings of what the ledger encodes most: `python -m bench.compare_encoding`.

Candidates are what is installed: MessagePack by msgspec and by this project's standard-library
codec, JSON by msgspec (byte strings become base64) and by the standard library.
"""

import base64
import json
from collections.abc import Callable
from typing import Final

import msgspec

from bench.hardware import describe
from bench.setting import TransferSource, new_world
from bench.tables import alternating_us, print_table
from xinlian.crypto import codec
from xinlian.ledger.transaction import TransactionBody, decode_transaction
from xinlian.modules.accounts.keeper import new_account
from xinlian.modules.accounts.types import Account, AccountClass

REPEATS: Final = 200


def main() -> None:
    """Measure a state record and the body of a transaction of 100 transfers."""
    print(describe())
    world = new_world(1, 1_000)
    account = new_account(
        world.parties[0],
        world.deposit,
        AccountClass.HOLDER,
        number=1,
        mirrored=True,
        bank_account=bytes(range(32)),
    )
    account = msgspec.structs.replace(account, debits_minor=10**14, credits_minor=10**9)
    signed = TransferSource(world, 1_000).take(1, 100)[0]
    _measure("account record", account, Account)
    _measure("body of 100 transfers", decode_transaction(signed.raw).body, TransactionBody)


def _measure(name: str, value: msgspec.Struct, of_type: type[msgspec.Struct]) -> None:
    packed = msgspec.msgpack.encode(value)
    in_json = msgspec.json.encode(value)
    plain = codec.decode(packed)
    in_plain_json = json.dumps(plain, default=_base64).encode()
    encoders: dict[str, tuple[int, Callable[[], object], Callable[[], object]]] = {
        "MessagePack, msgspec": (
            len(packed),
            lambda: msgspec.msgpack.encode(value),
            lambda: msgspec.msgpack.decode(packed, type=of_type),
        ),
        "MessagePack, own codec in the standard library": (
            len(packed),
            lambda: codec.encode(plain),
            lambda: codec.decode(packed),
        ),
        "JSON, msgspec": (
            len(in_json),
            lambda: msgspec.json.encode(value),
            lambda: msgspec.json.decode(in_json, type=of_type),
        ),
        "JSON, standard library": (
            len(in_plain_json),
            lambda: json.dumps(plain, default=_base64),
            lambda: json.loads(in_plain_json),
        ),
    }
    encode_us = alternating_us({key: each[1] for key, each in encoders.items()}, REPEATS)
    decode_us = alternating_us({key: each[2] for key, each in encoders.items()}, REPEATS)
    print(f"\n{name}, {codec.encode(plain) == packed and 'both MessagePack encoders agree'}\n")
    print_table(
        ("encoding", "bytes", "encode µs", "decode µs"),
        [(key, each[0], encode_us[key], decode_us[key]) for key, each in encoders.items()],
    )


def _base64(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    main()
