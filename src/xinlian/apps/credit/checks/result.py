"""The result of a scorecard about an inquiry's subject, with and without what is contested."""

from typing import NamedTuple

from xinlian.apps.credit.checks.card import CARD
from xinlian.apps.credit.checks.features import Picture, feature_root, features_of
from xinlian.modules.conditions.scorecards import Scorecard, score


class Result(NamedTuple):
    """What enters as a signed verdict."""

    is_sufficient: bool
    points: int
    points_uncontested: int
    reasons: tuple[str, ...]
    features_present: int
    feature_root: bytes


def scored_result(picture: Picture, record_salt: bytes, card: Scorecard = CARD) -> Result:
    """Return what a checked card says of a picture; its root commits to all features.

    Args:
        picture: of the subject, when it was asked.
        record_salt: the secret of the feature document, 32 bytes.
        card: the scorecard.
    """
    values = features_of(picture)
    whole = score(card, values)
    uncontested = score(card, features_of(picture, with_contested=False))
    return Result(
        whole.is_sufficient,
        whole.points,
        uncontested.points,
        whole.reasons,
        whole.features_present,
        feature_root(values, record_salt),
    )
