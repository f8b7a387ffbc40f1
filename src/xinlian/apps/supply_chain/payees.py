"""Who is paid how much of a leaf's payment: the payees of record. Pure, and the only place.

Rules this file keeps:
 1. Without a pledge the holder is paid everything.
 2. Under a pledge the financier is paid first, up to what is secured and not on its way already;
    the holder gets the rest in the same payment.
 3. While a court's order holds the leaf all of it goes into the account of the order, whatever
    the leaf secures; it counts as paid to the holder, and pays no loan.
 4. Shares are above 0 and add up to the payment; each party stands in at most one share.

Source: docs/concepts/certificates.md; Civil Code article 445 with 443 (a pledged claim
that is paid satisfies the pledgee).
"""

from dataclasses import dataclass

from xinlian.apps.supply_chain.holds import Held
from xinlian.apps.supply_chain.keeper import payout_account
from xinlian.apps.supply_chain.types import Certificate, Encumbrance, Finance, Leaf


@dataclass(frozen=True, slots=True)
class Payee:
    """One share of a payment."""

    party: bytes
    account: bytes
    """Where it is paid on the ledger if that account exists and is mirrored; else by its bank."""
    amount_minor: int
    held: Held | None = None
    """The order that sends it to another account than the party's."""


def payees_of_record(
    certificate: Certificate,
    leaf: Leaf,
    encumbrance: Encumbrance | None,
    amount_minor: int,
    held: Held | None = None,
) -> tuple[Payee, ...]:
    """Return who is paid of an amount, the financier of a pledge first.

    Args:
        certificate: what the leaf is of.
        leaf: what is being paid.
        encumbrance: its assignment or pledge, None without one.
        amount_minor: what is paid, above 0.
        held: the order that holds the leaf, None where it is free.
    """
    if held is not None:
        return (Payee(leaf.holder, held.account, amount_minor, held),)
    secured_minor = 0
    if encumbrance is not None and leaf.finance == Finance.PLEDGED:
        secured_minor = encumbrance.secured_minor - encumbrance.awaiting_minor
    of_financier_minor = min(amount_minor, secured_minor)
    shares = (
        (leaf.financier, of_financier_minor),
        (leaf.holder, amount_minor - of_financier_minor),
    )
    return tuple(
        Payee(party, payout_account(certificate.deposit, party), share_minor)
        for party, share_minor in shares
        if share_minor
    )
