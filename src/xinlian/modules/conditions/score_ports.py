"""Scores that other businesses gave: what one of them may ask without knowing who computes them."""

from typing import Final, NamedTuple, Protocol

from xinlian.ledger.ports import StateView

ONLY: Final = 0
"""The number under which the one business that scores provides its port."""


class ScoreVerdict(NamedTuple):
    """A signed verdict about a subject, as it stands on the ledger."""

    inquirer: bytes
    subject: bytes
    is_sufficient: bool
    points: int
    points_uncontested: int
    """Without what was contested when it was asked."""
    reasons: tuple[str, ...]
    model_root: bytes
    feature_root: bytes
    consent: bytes
    asked_at_ms: int
    given_at_ms: int

    @property
    def binding_points(self) -> int:
        """The better of both: what is contested may not alone cause a refusal."""
        return max(self.points, self.points_uncontested)


class ScoreVerdicts(Protocol):
    """Gives scores by the inquiry that they were computed from."""

    def score_of(self, state: StateView, inquiry_id: bytes) -> ScoreVerdict | None:
        """Return the score that was given on an inquiry, or None."""
