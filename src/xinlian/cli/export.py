"""``xinlian export``: everything that a party can prove, in one archive for somebody else.

Rules this file keeps:
 1. Only what is the party's own: its transactions, and the documents that this machine holds.
 2. The archive opens documents, so only its owner may read the file, until the owner hands it on.
 3. A receipt that the node no longer has is named, never passed over.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Final

import typer

from xinlian.cli.documents import document_store
from xinlian.cli.home import write_private_file
from xinlian.cli.options import HomeOption, JsonOption
from xinlian.cli.output import CommandRefused, show
from xinlian.cli.session import opened
from xinlian.client.evidence_pack import PackTooLarge, evidence_pack
from xinlian.client.http import ApiError
from xinlian.client.session import Session

_GONE: Final = frozenset({"api/not_found", "api/pruned"})


def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="写到 / where to write it")],
    home: HomeOption,
    mine: Annotated[
        bool,
        typer.Option("--mine", help="本方全部交易 / all transactions that this party took part in"),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write receipts, opened documents and the verifier as one archive (ZIP)."""
    if not mine:
        raise CommandRefused(
            "cli/options_conflict",
            "nothing is named that is to be exported",
            "add --mine: all your transactions and the documents on this machine",
        )
    store = document_store(home)
    documents = [(found.root, store.share(found.root)) for found in store.all()]
    missing: list[str] = []
    with opened(home) as session:
        receipts = list(_receipts(session, missing))
        genesis = session.node.genesis()
    try:
        content = evidence_pack(genesis, receipts, documents)
    except PackTooLarge as error:
        raise CommandRefused(
            "cli/export_too_large",
            str(error),
            "write single receipts with `xinlian receipt`, and share documents one by one",
        ) from None
    write_private_file(output, content)
    show(
        {
            "written": str(output),
            "bytes": len(content),
            "receipts": len(receipts),
            "documents": len(documents),
            "missing": missing,
        },
        as_json=as_json,
    )


def _receipts(session: Session, missing: list[str]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (transaction id, receipt); note the ids of those that the node has no more."""
    for row in session.node.iterate("/v1/transactions", dict[str, object]):
        text = str(row["transaction_id"])
        try:
            yield bytes.fromhex(text), session.node.receipt(bytes.fromhex(text), (), None)
        except ApiError as refused:
            if refused.reference not in _GONE:
                raise
            missing.append(text)
