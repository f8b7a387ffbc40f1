"""The message by which an inquirer's verifier says what its scorecard came to."""

from typing import Annotated, ClassVar, Final

import msgspec

from xinlian.apps.credit.errors import ScoreMalformed
from xinlian.apps.credit.types import MODULE_NO, POINTS_MAX, POINTS_MIN, Reasons
from xinlian.contracts.fields import CLASS_KEY, Count, Flag, Hash, Id
from xinlian.contracts.message import Message

_BASE: Final = MODULE_NO * 256
FEATURES_MIN: Final = 3
"""Fewer are insufficient, and never a low score."""
_L: Final = {CLASS_KEY: "L"}
Points = Annotated[int, msgspec.Meta(ge=0, le=POINTS_MAX, extra=_L)]
"""300…900, or 0 where there are too few features."""


class GiveScore(Message, frozen=True, tag=_BASE + 7):
    """An inquirer's verifier signs the points, reasons and features of an inquiry's subject."""

    creates_obligation: ClassVar[bool] = False
    moves_value: ClassVar[bool] = False
    signs: ClassVar[str] = "who made the inquiry"
    observes: ClassVar[str] = "inquirer and subject"
    remedy: ClassVar[str] = "a new inquiry and its score; the subject may object to the records"

    inquiry: Id
    model_root: Hash
    """The scorecard, a registered document."""
    is_sufficient: Flag
    points: Points
    points_uncontested: Points
    """Without what was contested when it was asked; the same where nothing was."""
    reasons: Reasons
    """The features that lost the most points, at most four, the most lost first."""
    features_present: Count
    feature_root: Hash

    def validate_basic(self) -> None:
        """Refuse a score that contradicts itself."""
        if len(set(self.reasons)) != len(self.reasons):
            raise ScoreMalformed("a reason is given once")
        if self.is_sufficient != (self.features_present >= FEATURES_MIN):
            raise ScoreMalformed(f"fewer than {FEATURES_MIN} features are insufficient")
        both = (self.points, self.points_uncontested)
        if not self.is_sufficient and (any(both) or self.reasons):
            raise ScoreMalformed("what is insufficient has no points and no reasons")
        if self.is_sufficient and min(both) < POINTS_MIN:
            raise ScoreMalformed(f"points are {POINTS_MIN} to {POINTS_MAX}")
