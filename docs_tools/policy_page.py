"""The policy rows of the pack that the package ships, with their citations."""

from typing import Final

from docs_tools.markdown import code, page, table
from xinlian.client.genesis_plan import default_policy
from xinlian.primitives.time import iso_of_ms

_INTRO: Final = """\
Terms, windows, cut-offs and rates are rows of policy: named parameters with dated values. They come
from a policy pack in the genesis file; this table is the pack that the package ships
(`src/xinlian/apps/supply_chain/policy_pack_cn.json`). A consortium that starts its own ledger puts
its own rows in its own genesis file.

*Applies by* says which date decides the version in force: of the contract, of the issue, or of the
event itself. *Verified* is no wherever the value could not be checked against an official text.
**None of the values of this pack is verified**: treat each as this project's default until your own
counsel has read the source.

A row gets a new dated value by a [vote of the members](../concepts/governance.md). The rows of
governance itself (`governance.*`) ask for three quarters, and have floors in the code that no vote
goes beyond; without such a row the default that is listed here is in force."""


def policy_page() -> str:
    """Return the table of policy rows."""
    pack = default_policy()
    versions = [(row, version) for row in pack.rows for version in row.versions]
    if any(version.verified for _, version in versions):
        raise ValueError("a row is verified now: reword the page's introduction")
    rows = [
        (
            code(row.name),
            version.value,
            row.unit,
            "the beginning"
            if not version.effective_from_ms
            else iso_of_ms(version.effective_from_ms),
            version.applies_by.value,
            version.citation,
            "yes" if version.verified else "no",
        )
        for row, version in versions
    ]
    head = ("row", "value", "unit", "in force from", "applies by", "citation", "verified")
    return page("Policy rows", _INTRO, f"Pack `{pack.name}`:", table(head, rows))
