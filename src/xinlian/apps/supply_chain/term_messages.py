"""The message about the term of a certificate."""

from typing import ClassVar, Final

from xinlian.apps.supply_chain.types import MODULE_NO
from xinlian.contracts.fields import Hash, Id
from xinlian.contracts.message import Message

_BASE: Final = MODULE_NO * 256


class ExamineTerm(Message, frozen=True, tag=_BASE + 26):
    """SC-R1: a bank found the term of a draft reasonable and the custom of its trade.

    Source: PBOC and others, No. 77 of 2025, article 11.
    """

    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "a member that is neither obligor nor supplier"
    observes: ClassVar[str] = "obligor, first supplier, who examined"
    remedy: ClassVar[str] = "supply_chain.WithdrawCertificate by the proposer"

    certificate: Id
    grounds_root: Hash
    """A document that the examiner itself registered: what it looked at, and why it is right."""
