"""SC-T22: a court decides a dispute of a leaf.

Rules this file keeps:
 1. A court that is no party to the claim decides by a document that it registered itself, about the
    whole dispute: it names the amount that it decides about.
 2. A court may decide below what a pledge secures: what was never owed was never security. The
    loan stays owed by who took it.
 3. A leaf that a court's order holds is decided on when the order has ended.

Source: docs/concepts/certificates.md (JUD, T17, T22).
"""

import msgspec

from xinlian.apps.supply_chain.dispute_errors import DisputeTooLarge
from xinlian.apps.supply_chain.dispute_messages import JudgeDispute
from xinlian.apps.supply_chain.dispute_types import DisputeStatus
from xinlian.apps.supply_chain.disputes import require_dispute, require_open, require_within
from xinlian.apps.supply_chain.freezes import require_court_document, require_neutral
from xinlian.apps.supply_chain.holds import require_unheld
from xinlian.apps.supply_chain.outcomes import end_dispute
from xinlian.apps.supply_chain.types import CERTIFICATES, LEAVES
from xinlian.contracts.context import Context
from xinlian.modules.members.roles import OfficialRole, require_role


def judge_dispute(context: Context, message: JudgeDispute) -> None:
    """End a dispute as a court decides."""
    # AUTHORISE
    court = context.acting_for
    require_role(context.state, court, OfficialRole.COURT)
    require_court_document(context, message.decision_root)
    found = require_dispute(context.state, message.dispute)
    certificate = CERTIFICATES.require(context.state, found.certificate)
    require_neutral(context.state, certificate, found.leaf, court)
    # VALIDATE
    require_open(context, found)
    require_unheld(context, found.leaf, LEAVES.require(context.state, found.leaf))
    if message.amount_minor != found.amount_minor:
        raise DisputeTooLarge(f"{found.amount_minor} is disputed")
    require_within(found, message.upheld_minor)
    # WRITE and EMIT
    ended = msgspec.structs.replace(
        found,
        status=DisputeStatus.DECIDED,
        upheld_minor=message.upheld_minor,
        frees_invoice=message.frees_invoice,
        decision_root=message.decision_root,
        ended_by=court,
    )
    end_dispute(context, message.dispute, ended)
