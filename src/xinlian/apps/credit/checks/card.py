"""The scorecard that ships: expert-set points, not validated by any back-test.

Rules this file keeps:
 1. Points are a judgement of this project; the model card says so, until a back-test is attached.
 2. A change of any number is a new version: scores name the model by the root of its document.

Source: docs/concepts/credit.md (Score: range 300 to 900, fewer than 3 features insufficient).
"""

from typing import Final

from xinlian.modules.conditions.scorecards import VALUE_MAX, Bin, Feature, Scorecard


def _feature(feature_id: str, *steps: tuple[int, int], beyond: int) -> Feature:
    return Feature(feature_id, (*(Bin(*step) for step in steps), Bin(VALUE_MAX, beyond)))


CARD: Final = Scorecard(
    name="xinlian.organisation",
    version=1,
    base_points=600,
    points_min=300,
    points_max=900,
    features_min=3,
    features=(
        _feature("activity_months", (2, 0), (11, 10), (23, 25), beyond=40),
        _feature("concentration_bps", (3_000, 20), (6_000, 10), (8_000, 0), beyond=-15),
        _feature("court_listings", (0, 40), (1, -60), beyond=-120),
        _feature("ended_adverse", (0, 20), (2, 0), beyond=-25),
        _feature("hard_queries", (2, 15), (5, 0), beyond=-25),
        _feature("late_share_bps", (0, 50), (500, 25), (2_000, -20), beyond=-70),
        _feature("median_days_late", (0, 30), (7, 10), (30, -15), beyond=-45),
        _feature("open_adverse", (0, 40), (1, -30), (3, -70), beyond=-110),
        _feature("positive_conduct", (0, 0), (2, 10), beyond=20),
        _feature("utility_arrears", (0, 15), (1, -20), beyond=-40),
        _feature("worst_months_overdue", (0, 30), (1, 0), (3, -40), beyond=-90),
    ),
)
MODEL_CARD: Final = {
    "name": CARD.name,
    "version": CARD.version,
    "purpose": "credit decisions about organisations, beside other rules",
    "validated": "no",
    "points": "set by experts of this project; no back-test is attached",
}
"""What is published with the card."""
