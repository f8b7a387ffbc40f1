"""What a verifier computes from an answered inquiry: features, points, reasons.

Pure and deterministic, never run in a block: the result enters as a signed verdict.
"""

from xinlian.apps.credit.checks.card import CARD, MODEL_CARD
from xinlian.apps.credit.checks.features import (
    FEATURE_SCHEMA,
    Opened,
    Picture,
    feature_root,
    features_of,
    picture_of,
)
from xinlian.apps.credit.checks.result import Result, scored_result

__all__ = [
    "CARD",
    "FEATURE_SCHEMA",
    "MODEL_CARD",
    "Opened",
    "Picture",
    "Result",
    "feature_root",
    "features_of",
    "picture_of",
    "scored_result",
]
