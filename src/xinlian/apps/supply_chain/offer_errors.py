"""Refusals of calls for offers.

Order of precedence within each message, by code; codes below 80 are those of ``errors.py``::

    CallForOffers   80, 5, 17, 8, members/1, 29, 11, 23, 28, 40, 82 (a call is open), 12
    SealOffer       81, 83, 84, 12 (it has closed)
    WithdrawOffer   83, 84, 12, 86
    OpenOffers      83, 8, 11, 85 (not closed yet, or lapsed), 86 (nobody offered), 87
    AcceptOffer     83, 8, 11, 85, 86, 88, then as RequestFinance
    EndCall         83, 8, 11
"""

from typing import ClassVar, Final

from xinlian.primitives import InvalidTransaction, Rejected, Unauthorised

CODESPACE: Final = "supply_chain"


class CallMalformed(InvalidTransaction):
    """A call names each bank once, and closes before it is decided before it is paid."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 80
    name: ClassVar[str] = "call_malformed"


class OfferMalformed(InvalidTransaction):
    """All sealed offers have one length."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 81
    name: ClassVar[str] = "offer_malformed"


class CallOpen(Rejected):
    """This leaf has an open call for offers; end that one first."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 82
    name: ClassVar[str] = "call_open"


class UnknownCall(Rejected):
    """No such call for offers."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 83
    name: ClassVar[str] = "unknown_call"


class NotInvited(Unauthorised):
    """Only the banks that a call names offer under it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 84
    name: ClassVar[str] = "not_invited"


class NotTimeToDecide(Rejected):
    """Offers are opened and accepted after the call has closed, and before it lapses."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 85
    name: ClassVar[str] = "not_time_to_decide"


class NoOffer(Rejected):
    """There is no such offer: none was made, it was taken back, or its box did not open."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 86
    name: ClassVar[str] = "no_offer"


class BoxKeyMismatch(Rejected):
    """This private key is not the one of the call: no offer is opened by it."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 87
    name: ClassVar[str] = "box_key_mismatch"


class OfferMismatch(Rejected):
    """The terms accepted are not those that the bank offered."""

    codespace: ClassVar[str] = CODESPACE
    code: ClassVar[int] = 88
    name: ClassVar[str] = "offer_mismatch"
