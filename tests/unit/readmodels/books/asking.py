"""Questions of the tests to books that are there."""

from xinlian.readmodels import ReadModel
from xinlian.readmodels.books.rows import Ageing, TrialBalance


def trial_of(model: ReadModel, party: bytes, period: str, *, by_sub: bool = False) -> TrialBalance:
    """Return the trial balance of a party."""
    found = model.books.trial_balance(party, period, by_sub=by_sub)
    assert found is not None
    return found


def ageing_of(model: ReadModel, party: bytes, period: str) -> Ageing:
    """Return the ageing of a party."""
    found = model.books.ageing(party, period)
    assert found is not None
    return found
