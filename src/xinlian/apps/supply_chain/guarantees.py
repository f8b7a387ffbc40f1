"""SC-T10: a guarantor answers for a certificate; those whom it covers may let it go together.

Rules this file keeps:
 1. A guarantee is given at issue or later, before the due day has opened; its place is free, and
    a guarantor has one of a certificate at most.
 2. Neither the obligor nor the first supplier guarantees: the one owes anyhow, on the other nobody
    lays a duty that its certificate did not bring (SC-I6).
 3. It names a mirrored account of the guarantor and reaches beyond the cut-off of the due banking
    day: a default finds it.
 4. It is let go by everybody whom it covers: each holder, and the financier of each pledge. Before
    there are leaves that is the first supplier. Who comes to hold a leaf agrees anew.
 5. It ends with its certificate (``guarantee_calls.py``).
"""

from xinlian.apps.supply_chain.dates import certificate_dates
from xinlian.apps.supply_chain.errors import (
    AmountInvalid,
    AuthorityInvalid,
    PartiesInvalid,
    WrongState,
)
from xinlian.apps.supply_chain.guarantee_calls import end_guarantee
from xinlian.apps.supply_chain.guarantee_errors import (
    DeedInvalid,
    GuaranteeExists,
    NotCovered,
    UnknownGuarantee,
)
from xinlian.apps.supply_chain.guarantee_events import (
    GuaranteeGiven,
    GuaranteeReleaseAgreed,
)
from xinlian.apps.supply_chain.guarantee_messages import GiveGuarantee, ReleaseGuarantee
from xinlian.apps.supply_chain.guarantee_records import (
    GUARANTEE_RELEASES,
    GUARANTEES,
    STANDING,
    Guarantee,
    GuaranteeRelease,
    GuaranteeStatus,
    covered_leaves,
    guarantee_at,
    guarantees_of,
)
from xinlian.apps.supply_chain.holds import require_unheld
from xinlian.apps.supply_chain.keeper import require_certificate, require_idle
from xinlian.apps.supply_chain.types import Certificate, Finance, Life
from xinlian.contracts.context import Context
from xinlian.ledger.records import integer_part
from xinlian.modules.accounts.types import ACCOUNTS, AccountClass
from xinlian.modules.documents.handlers import require_document
from xinlian.modules.obligations.moments import due_moments

_BEFORE_DUE = (Life.DRAFT, Life.OFFERED, Life.ACTIVE)


def give_guarantee(context: Context, message: GiveGuarantee) -> None:
    """Bind a guarantor, up to a cap, in its place."""
    # AUTHORISE
    certificate = require_certificate(context.state, message.certificate)
    guarantor = context.acting_for
    if guarantor in (certificate.obligor, certificate.first_holder):
        raise PartiesInvalid("neither obligor nor first supplier guarantees")
    if require_document(context.state, message.deed_root).owner != guarantor:
        raise DeedInvalid(message.deed_root.hex())
    # VALIDATE
    if certificate.life not in _BEFORE_DUE:
        raise WrongState(f"the certificate is {Life(certificate.life).name.lower()}")
    given = guarantees_of(context.state, message.certificate)
    if guarantee_at(context.state, message.certificate, message.order_no) is not None or any(
        one.guarantor == guarantor for _, one in given
    ):
        raise GuaranteeExists("its place is taken, or the guarantor has given one")
    if message.cap_minor > certificate.face_minor:
        raise AmountInvalid("the cap is above the face")
    _check_authority(context, certificate, message)
    # WRITE
    guarantee = Guarantee(
        guarantor=guarantor,
        cap_minor=message.cap_minor,
        account=message.account,
        until_ms=message.until_ms,
        deed_root=message.deed_root,
        given_at_ms=context.time_ms,
        status=GuaranteeStatus.IN_FORCE,
    )
    parts = (message.certificate, integer_part(message.order_no))
    GUARANTEES.put(context.state, guarantee, *parts)
    # EMIT
    context.emit(
        GuaranteeGiven(
            message.certificate,
            guarantor,
            message.order_no,
            message.cap_minor,
            message.account,
            message.until_ms,
            message.deed_root,
        ),
    )


def release_guarantee(context: Context, message: ReleaseGuarantee) -> None:
    """Give a guarantee up; end it when everybody whom it covers has."""
    # AUTHORISE
    certificate = require_certificate(context.state, message.certificate)
    guarantee = guarantee_at(context.state, message.certificate, message.order_no)
    if guarantee is None:
        raise UnknownGuarantee(str(message.order_no))
    covered = _covered_parties(context, message.certificate, certificate)
    if context.acting_for not in covered:
        raise NotCovered(context.acting_for.hex())
    # VALIDATE
    if guarantee.status not in STANDING:
        raise WrongState(f"the guarantee is {GuaranteeStatus(guarantee.status).name.lower()}")
    require_idle(context, message.certificate)
    for leaf_id, leaf in covered_leaves(context.state, message.certificate):
        require_unheld(context, leaf_id, leaf)
    # WRITE
    parts = (message.certificate, integer_part(message.order_no))
    agreed = GuaranteeRelease(context.time_ms)
    GUARANTEE_RELEASES.put(context.state, agreed, *parts, context.acting_for)
    context.emit(
        GuaranteeReleaseAgreed(message.certificate, message.order_no, context.acting_for),
    )
    # EMIT
    if all(
        GUARANTEE_RELEASES.get(context.state, *parts, party) is not None
        for party in sorted(covered)
    ):
        end_guarantee(
            context,
            message.certificate,
            message.order_no,
            guarantee,
            GuaranteeStatus.RELEASED,
        )


def _covered_parties(
    context: Context,
    certificate_id: bytes,
    certificate: Certificate,
) -> set[bytes]:
    """Return who has to agree before a guarantee is let go."""
    if certificate.life in (Life.DRAFT, Life.OFFERED):
        return {certificate.first_holder}
    leaves = covered_leaves(context.state, certificate_id)
    pledgees = {leaf.financier for _, leaf in leaves if leaf.finance == Finance.PLEDGED}
    return {leaf.holder for _, leaf in leaves} | pledgees


def _check_authority(context: Context, certificate: Certificate, message: GiveGuarantee) -> None:
    account = ACCOUNTS.get(context.state, message.account)
    if (
        account is None
        or (account.owner, account.asset) != (context.acting_for, certificate.deposit)
        or account.account_class != AccountClass.HOLDER
        or not account.mirrored
    ):
        raise AuthorityInvalid("not a mirrored account of the guarantor in the deposit")
    dates = certificate_dates(context.state, certificate, context.time_ms)
    _, cutoff_at_ms = due_moments(context, certificate.due_day, dates)
    if message.until_ms < cutoff_at_ms:
        raise AuthorityInvalid("it ends before the cut-off of the due banking day")
