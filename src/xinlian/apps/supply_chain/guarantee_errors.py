"""Refusals of guarantees.

Order of precedence within each message, by code; other modules' codes carry their name::

    GiveGuarantee        130, 4, 29, documents/2, 131, 11, 134, 1, 18
    ReleaseGuarantee     4, 132, 133, 11, 28, 40
"""

from typing import ClassVar

from xinlian.apps.supply_chain.errors import CODESPACE
from xinlian.primitives import InvalidTransaction, Rejected, Unauthorised


class PlaceInvalid(InvalidTransaction):
    """The place of a guarantee is 1 to 4: the lowest is called first."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 130
    name: ClassVar[str] = "place_invalid"


class DeedInvalid(Unauthorised):
    """The guarantor registers its letter of guarantee itself, and names that document."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 131
    name: ClassVar[str] = "deed_invalid"


class UnknownGuarantee(Rejected):
    """No guarantee was given in this place."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 132
    name: ClassVar[str] = "unknown_guarantee"


class NotCovered(Unauthorised):
    """A guarantee is let go by those whom it covers: a holder, the financier of a pledge."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 133
    name: ClassVar[str] = "not_covered"


class GuaranteeExists(Rejected):
    """Each place is given once, and a guarantor guarantees a certificate once."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 134
    name: ClassVar[str] = "guarantee_exists"
