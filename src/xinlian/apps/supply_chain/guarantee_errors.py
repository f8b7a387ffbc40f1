"""Refusals of guarantees.

Order of precedence within each message, by code; other modules' codes carry their name::

    GiveGuarantee        130, 4, 29, documents/2, 131, 11, 134, 1, 18
    ReleaseGuarantee     4, 132, 133, 11, 28, 40
    PayGuarantee         135, 136, 11, 28, 34, accounts/1, 27, then accounts/ below_lower_bound,
                         insufficient_balance
"""

from typing import ClassVar

from xinlian.apps.supply_chain.errors import CODESPACE
from xinlian.primitives import InvalidTransaction, Rejected, Unauthorised


class PlaceInvalid(InvalidTransaction):
    """The place of a guarantee is 1 to 3: the lowest is called first."""

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


class UnknownCall(Rejected):
    """No guarantor owes under this id; read the call in the certificate's guarantees."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 135
    name: ClassVar[str] = "unknown_call_of_guarantee"


class NotGuarantor(Unauthorised):
    """A call is paid by the guarantor that owes it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 136
    name: ClassVar[str] = "not_guarantor"
