"""What obligations asks of the businesses above it."""

from typing import Protocol

from xinlian.contracts.context import Context


class ObligationSource(Protocol):
    """Where an obligation comes from: it knows the creditors and moves the money."""

    def on_due(self, context: Context, obligation: bytes) -> None:
        """Take note that the due day has opened."""

    def pay(self, context: Context, obligation: bytes, amount_minor: int) -> None:
        """Begin to pay an amount out of the debtor's account to the creditors.

        The amount is available on the account, and covered by the authority.
        """

    def on_default(self, context: Context, obligation: bytes) -> None:
        """Take the consequences of the missed cut-off."""

    def is_paying(self, context: Context, obligation: bytes) -> bool:
        """Return whether an earlier payment is still being carried out."""
