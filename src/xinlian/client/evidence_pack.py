"""An evidence pack: receipts, opened documents, and the program that checks them, in one archive.

Whoever has the pack and the genesis file from the consortium needs nothing else: no node, no
account, no release of this software.

Rules this file keeps:
 1. Nothing of a key, a passphrase or a profile goes in; a document goes in with its salt, because
    that is what opens its root: its holder hands over what it hands over.
 2. The same parts give the same bytes: entries are sorted, and bear no time.
 3. Parts are counted while they come; a pack beyond its bounds is refused, not cut short.
"""

import hashlib
import importlib.resources
import io
import zipfile
from collections.abc import Iterable, Iterator
from importlib.resources.abc import Traversable
from typing import Final

PARTS_MAX: Final = 50_000
PACK_BYTES_MAX: Final = 1 << 30
_PACKAGES: Final = ("verifier", "crypto")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_README: Final = """\
证据包 / Evidence pack

receipts/   每笔交易的回执 / one receipt a transaction
documents/  本方持有并打开的单据 / documents that the exporter holds, opened
verifier/   验证程序源码 / the verifier's source
sums.txt    各文件的 SHA-256 / SHA-256 of every file

验证(离线;只需 Python 3.11,无需安装任何包)/ check, offline, with Python 3.11 and no package:

    cd verifier
    python -S -m xinlian.verifier ../receipts/NAME.receipt --genesis GENESIS

创世文件须向联盟索取,勿用证据包内的副本作为信任依据;genesis.json 仅供对照。
Take the genesis file from the consortium: the copy in here, genesis.json, is from whoever made the
pack, and is there to be compared with it.
"""


class PackTooLarge(Exception):  # noqa: N818 - names what is wrong with the pack
    """The pack has more parts or bytes than one archive may have."""


def evidence_pack(
    genesis: bytes,
    receipts: Iterable[tuple[bytes, bytes]],
    documents: Iterable[tuple[bytes, bytes]],
) -> bytes:
    """Return a ZIP archive.

    Args:
        genesis: the genesis file of the chain.
        receipts: (transaction id, receipt file).
        documents: (document root, what opens it).

    Raises:
        PackTooLarge: more than ``PARTS_MAX`` parts or ``PACK_BYTES_MAX`` bytes.
    """
    parts = {"genesis.json": genesis, "README.txt": _README.encode()}
    total_bytes = len(genesis)
    for name, content in _named(receipts, documents):
        total_bytes += len(content)
        if len(parts) >= PARTS_MAX or total_bytes > PACK_BYTES_MAX:
            raise PackTooLarge(f"at {len(parts)} parts and {total_bytes} bytes")
        parts[name] = content
    sums = [f"{hashlib.sha256(parts[name]).hexdigest()}  {name}\n" for name in sorted(parts)]
    parts["sums.txt"] = "".join(sums).encode()
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as pack:
        for name in sorted(parts):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            pack.writestr(entry, parts[name])
    return archive.getvalue()


def _named(
    receipts: Iterable[tuple[bytes, bytes]],
    documents: Iterable[tuple[bytes, bytes]],
) -> Iterator[tuple[str, bytes]]:
    yield from _verifier()
    for transaction_id, content in receipts:
        yield f"receipts/{transaction_id.hex()}.receipt", content
    for root, content in documents:
        yield f"documents/{root.hex()}.document", content


def _verifier() -> Iterator[tuple[str, bytes]]:
    """Yield the files of the verifier and of what it imports."""
    package = importlib.resources.files("xinlian")
    yield "verifier/xinlian/__init__.py", (package / "__init__.py").read_bytes()
    for name in _PACKAGES:
        yield from _sources(package / name, f"verifier/xinlian/{name}")


def _sources(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.name.endswith((".py", ".typed")):
            yield f"{path}/{entry.name}", entry.read_bytes()
