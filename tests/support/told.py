"""Stories told in lines: a step, then what everybody has after it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeVar

StoryT = TypeVar("StoryT")


def tell(
    told: str,
    story: StoryT,
    steps: Mapping[str, Callable[[StoryT], object]],
    amount_minor: Callable[[str, str], int],
) -> None:
    """Do each line's step, where it has one, and check each ``what name yuan`` after the bar."""
    for line in told.strip().splitlines():
        step, _, after = line.partition("|")
        if step.strip():
            steps[step.strip()](story)
        for statement in after.split(","):
            what, name, yuan = statement.split()
            assert amount_minor(what, name) == int(Decimal(yuan) * 100), line
