"""Integer scorecards: points by bins, and the reasons that cost the most of them.

A scorecard runs in the verifiers of entitled parties, never in a block; its result enters as a
signed verdict.  The arithmetic is here, once, for every business that scores.

Rules this file keeps:
 1. points = base + the points of each feature's bin, kept within the card's range; integers only.
 2. A feature without a value gives nothing and is no reason.  With fewer values than the card asks
    for the result is *insufficient*, and never a low score.
 3. Reasons are at most four features that lost points against their own best bin, the most lost
    first, ties by ascending id: the same everywhere.

Source: docs/concepts/credit.md (Score: determinism, reasons).
"""

from collections.abc import Mapping
from typing import ClassVar, Final, NamedTuple

from xinlian.primitives import InvalidTransaction

FEATURES_MAX: Final = 12
BINS_MAX: Final = 16
REASONS_MAX: Final = 4
VALUE_MAX: Final = 2**53 - 1
POINTS_MAX: Final = 10_000


class ScorecardInvalid(InvalidTransaction):
    """The scorecard contradicts itself: have its author mend it."""

    codespace: ClassVar[str] = "conditions"
    code: ClassVar[int] = 17
    name: ClassVar[str] = "scorecard_invalid"


class Bin(NamedTuple):
    """Values up to and with ``up_to``, from the bin before on."""

    up_to: int
    points: int


class Feature(NamedTuple):
    """One figure, and what it is worth."""

    feature_id: str
    bins: tuple[Bin, ...]

    @property
    def best_points(self) -> int:
        """The most that it can give."""
        return max(one.points for one in self.bins)

    def points_of(self, value: int) -> int:
        """Return the points of a value; what lies beyond the last bin is in it."""
        for one in self.bins:
            if value <= one.up_to:
                return one.points
        return self.bins[-1].points


class Scorecard(NamedTuple):
    """A whole model: expert-set points, open to everybody whom it scores."""

    name: str
    version: int
    base_points: int
    points_min: int
    points_max: int
    features_min: int
    features: tuple[Feature, ...]


class Scored(NamedTuple):
    """What a scorecard says of somebody."""

    is_sufficient: bool
    points: int
    """0 where it is not sufficient."""
    reasons: tuple[str, ...]
    features_present: int


def check_scorecard(card: Scorecard) -> None:
    """Refuse a card that could not be computed the same everywhere; raises ScorecardInvalid."""
    ids = [feature.feature_id for feature in card.features]
    if not 1 <= len(ids) <= FEATURES_MAX or len(set(ids)) != len(ids):
        raise ScorecardInvalid(f"1 to {FEATURES_MAX} features, none twice")
    if not 1 <= card.features_min <= len(ids):
        raise ScorecardInvalid("it asks for more features than it has")
    if not 0 < card.points_min < card.points_max <= POINTS_MAX:
        raise ScorecardInvalid("the range of points")
    for feature in card.features:
        bounds = [one.up_to for one in feature.bins]
        if not 1 <= len(bounds) <= BINS_MAX or bounds != sorted(set(bounds)):
            raise ScorecardInvalid(f"{feature.feature_id}: bins ascend, at most {BINS_MAX}")
        if bounds[-1] != VALUE_MAX or bounds[0] < 0:
            raise ScorecardInvalid(f"{feature.feature_id}: bins cover every value from 0 on")
        if any(abs(one.points) > POINTS_MAX for one in feature.bins):
            raise ScorecardInvalid(f"{feature.feature_id}: points")


def score(card: Scorecard, values: Mapping[str, int]) -> Scored:
    """Return what a checked card says of values by feature id; what it does not name is ignored.

    Raises:
        ScorecardInvalid: a value is outside 0…2⁵³−1.
    """
    present = [feature for feature in card.features if feature.feature_id in values]
    for feature in present:
        if not 0 <= values[feature.feature_id] <= VALUE_MAX:
            raise ScorecardInvalid(f"{feature.feature_id}: a value is 0 to {VALUE_MAX}")
    if len(present) < card.features_min:
        return Scored(is_sufficient=False, points=0, reasons=(), features_present=len(present))
    given = {one.feature_id: one.points_of(values[one.feature_id]) for one in present}
    total = card.base_points + sum(given.values())
    lost = sorted(
        (given[one.feature_id] - one.best_points, one.feature_id)
        for one in present
        if given[one.feature_id] < one.best_points
    )
    return Scored(
        is_sufficient=True,
        points=min(max(total, card.points_min), card.points_max),
        reasons=tuple(feature_id for _, feature_id in lost[:REASONS_MAX]),
        features_present=len(present),
    )
