"""Scores: an inquirer's signed verdict about an inquiry's subject.

Rules this file keeps:
 1. The ledger computes no score: the verifier of the inquirer does (``checks``), anybody entitled
    can compute it again from the inquiry, and the subject sees it.
 2. A score is of one inquiry, once, within so many hours as policy says: what it was computed from
    is fixed there.
 3. The model is a registered document of its own schema, of the inquirer or the credit authority.
 4. Where nothing was contested both results are one.

Source: docs/concepts/rule-packs.md (scorecards, verdicts); docs/concepts/credit.md (Score).
"""

from xinlian.apps.credit import events
from xinlian.apps.credit.errors import (
    ModelUnfit,
    NoInquiry,
    ScoredAlready,
    ScoreMalformed,
    ScoreTooLate,
)
from xinlian.apps.credit.policy import SCORE_HOURS
from xinlian.apps.credit.score_messages import GiveScore
from xinlian.apps.credit.types import INQUIRIES, SCORES, Inquiry, Score
from xinlian.contracts.context import Context
from xinlian.ledger.ports import StateView
from xinlian.modules.conditions.score_ports import ScoreVerdict
from xinlian.modules.documents.handlers import require_document
from xinlian.modules.members.roles import OfficialRole, has_role
from xinlian.modules.policy.dates import dates_of
from xinlian.modules.policy.keeper import policy_value
from xinlian.primitives.time import MS_PER_HOUR

MODEL_SCHEMA = "credit.scorecard"


def give_score(context: Context, message: GiveScore) -> None:
    """Write the score of an inquiry of the acting party."""
    # AUTHORISE
    inquiry = INQUIRIES.get(context.state, message.inquiry)
    if inquiry is None or inquiry.inquirer != context.acting_for:
        raise NoInquiry(message.inquiry.hex())
    # VALIDATE
    if SCORES.get(context.state, message.inquiry) is not None:
        raise ScoredAlready(message.inquiry.hex())
    _check_time(context, inquiry)
    _check_model(context, message.model_root)
    if not inquiry.marked and message.points != message.points_uncontested:
        raise ScoreMalformed("nothing was contested: both results are one")
    # COMPUTE
    score = Score(
        model_root=message.model_root,
        is_sufficient=message.is_sufficient,
        points=message.points,
        points_uncontested=message.points_uncontested,
        reasons=message.reasons,
        features_present=message.features_present,
        feature_root=message.feature_root,
        given_at_ms=context.time_ms,
    )
    # WRITE
    SCORES.put(context.state, score, message.inquiry)
    # EMIT
    context.emit(
        events.ScoreGiven(
            message.inquiry,
            inquiry.inquirer,
            inquiry.subject,
            message.model_root,
            message.is_sufficient,
            message.points,
            message.points_uncontested,
            message.reasons,
            message.features_present,
            message.feature_root,
        ),
    )


class GivenScores:
    """The scores as other businesses see them."""

    def score_of(self, state: StateView, inquiry_id: bytes) -> ScoreVerdict | None:
        """Return the score that was given on an inquiry, or None."""
        score = SCORES.get(state, inquiry_id)
        if score is None:
            return None
        inquiry = INQUIRIES.require(state, inquiry_id)
        return ScoreVerdict(
            inquirer=inquiry.inquirer,
            subject=inquiry.subject,
            is_sufficient=score.is_sufficient,
            points=score.points,
            points_uncontested=score.points_uncontested,
            reasons=score.reasons,
            model_root=score.model_root,
            feature_root=score.feature_root,
            consent=inquiry.consent,
            asked_at_ms=inquiry.asked_at_ms,
            given_at_ms=score.given_at_ms,
        )


def _check_time(context: Context, inquiry: Inquiry) -> None:
    """Refuse a score of what was asked too long ago; raises ScoreTooLate."""
    dates = dates_of(context.time_ms, issue_ms=inquiry.asked_at_ms)
    hours = policy_value(context.state, SCORE_HOURS, dates)
    if context.time_ms > inquiry.asked_at_ms + hours * MS_PER_HOUR:
        raise ScoreTooLate(f"within {hours} hours")


def _check_model(context: Context, model_root: bytes) -> None:
    """Refuse a model that is no registered scorecard of the party or of the credit authority.

    Raises:
        UnknownDocument: nobody registered it.
        ModelUnfit: it is of another schema, or of another party.
    """
    document = require_document(context.state, model_root)
    if document.schema != MODEL_SCHEMA:
        raise ModelUnfit(f"its schema is {MODEL_SCHEMA}")
    is_own = document.owner == context.acting_for
    if not is_own and not has_role(context.state, document.owner, OfficialRole.CREDIT_AUTHORITY):
        raise ModelUnfit("of the inquirer itself, or of the credit authority")
