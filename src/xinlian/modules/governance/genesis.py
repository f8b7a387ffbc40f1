"""What governance takes from the genesis file: when the consortium began, and its rows."""

from xinlian.ledger.genesis import GenesisInvalid
from xinlian.ledger.records import WritableState
from xinlian.modules.governance.rules import NUMBERS, PREFIX
from xinlian.modules.governance.types import FOUNDING, Founding
from xinlian.modules.policy.types import ROWS


def load(state: WritableState, genesis_time_ms: int) -> None:
    """Note when the consortium began; refuse rows of governance beyond the bounds of the code.

    Raises:
        GenesisInvalid: a row beneath its floor, of another unit, or that governance does not have.
    """
    FOUNDING.put(state, Founding(genesis_time_ms))
    for (part,), row in ROWS.scan(state):
        name = part.rstrip(b"\0").decode("ascii")
        if not name.startswith(PREFIX):
            continue
        number = NUMBERS.get(name)
        if number is None or row.unit != number.unit:
            raise GenesisInvalid(f"policy row {name}: governance has no such row of {row.unit}")
        for version in row.versions:
            if not number.low <= version.value <= number.high:
                raise GenesisInvalid(
                    f"policy row {name}: {version.value} is not within "
                    f"{number.low} and {number.high}",
                )
